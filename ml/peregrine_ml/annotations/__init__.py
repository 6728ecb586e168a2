"""Readers of labelled images: Pascal VOC, COCO, YOLO and VisDrone become one shape."""
