"""The profile counts what is there and shows what is wrong."""

import json
import shutil
from pathlib import Path

from peregrine_ml.profile import measure
from peregrine_ml.profile.profile import profile


def test_a_profile_counts_images_boxes_and_flights(source: Path, tmp_path: Path) -> None:
    document = profile(source, tmp_path, ["voc"])
    assert document["images"]["all"] == 5 and document["images"]["unlabelled"] == 1
    assert document["boxes"] == 5 and document["classes"] == {"tree": 5}
    assert document["flights"]["pond-01"]["boxes"] is None
    assert json.loads((tmp_path / "profile.json").read_text()) == document
    measured = {"luminance_mean", "luminance_std", "blur", "saturation_mean", "noise", "flat"}
    assert set(document["baseline"]["features"]) == measured


def test_the_page_stands_alone(source: Path, tmp_path: Path) -> None:
    profile(source, tmp_path, ["voc"])
    page = (tmp_path / "profile.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 5 and page.count("<svg") >= 9
    for word in ("http:", "https:", "<script", "<link", 'src="/', "#00000", "title-"):
        assert word not in page.replace('xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace(
            "http://www.w3.org/2000/svg", ""
        )


def test_charts_say_on_hover_what_they_show(source: Path, tmp_path: Path) -> None:
    profile(source, tmp_path, ["voc"])
    page = (tmp_path / "profile.html").read_text()
    assert "<title>flights/alder-01/alder-01.png</title>" in page
    assert page.count(" objects</title>") == 144


def test_faults_become_findings(source: Path, tmp_path: Path) -> None:
    shutil.copyfile(source / "flights/alder-01/alder-01.png", source / "flights/cedar-01/copy.png")
    file = source / "flights/birch-01/birch-01.xml"
    file.write_text(file.read_text().replace("<xmax>60<", "<xmax>600<").replace("<xmax>250<", "<xmax>200<"))
    (source / "flights/alder-02/alder-02.png").write_bytes(b"broken")
    findings = {finding["text"]: finding["severity"] for finding in profile(source, tmp_path, ["voc"])["findings"]}
    assert findings["1 file unreadable or not as described"] == "error"
    assert findings["1 box without extent: they will be dropped"] == "error"
    assert findings["1 box reach beyond their image: they will be clipped"] == "warning"
    assert findings["1 group of identical files"] == "warning"


def test_a_distribution_keeps_its_tails_in_the_outer_bins() -> None:
    data = measure.distribution([float(value) for value in range(1000)] + [1e9])
    assert sum(data["histogram"]["counts"]) == data["count"] == 1001
    assert data["max"] == 1e9 and data["histogram"]["edges"][-1] < 1000
    assert measure.distribution([]) == {"count": 0}
    assert sum(measure.distribution([5.0, 5.0])["histogram"]["counts"]) == 2


def test_a_re_encoded_copy_counts_as_alike(source: Path, tmp_path: Path) -> None:
    import cv2

    image = cv2.imread(str(source / "flights/alder-01/alder-01.png"))
    cv2.imwrite(str(source / "flights/cedar-01/copy.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 60])
    pairs = profile(source, tmp_path, ["voc"])["duplicates"]["near"]
    assert pairs == [["flights/alder-01/alder-01.png", "flights/cedar-01/copy.jpg"]]
