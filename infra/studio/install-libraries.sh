# Runs whenever a JupyterLab app starts, as the app's user. Makes the kernel "Peregrine" with the libraries that jobs use, pinned and
# hashed as in the container image. AWS ends a lifecycle script after five minutes and the app with it, so the work goes on in the
# background, once per lock: its environment lies on the space's own disk and outlives the app.
#
# LOCK_URI      s3:// of the requirements, hashed
# LOCK_DIGEST   their SHA-256: what comes must have it; it also names the environment, since other requirements make another one
# PACKAGE_INDEX package index instead of pip's own; may be empty
set -euo pipefail
: "${LOCK_URI:?}" "${LOCK_DIGEST:?}"

home="${HOME}/.peregrine"
environment="${home}/${LOCK_DIGEST:0:12}"
log="${home}/install.log"
mkdir -p "${home}"

# A Python that heeds nothing but its arguments: no variables of whoever started the app, no code from the working folder or the home.
isolated() { env -i HOME="${HOME}" PATH="${PATH}" PIP_CONFIG_FILE=/dev/null "$@"; }

install_libraries() {
  set -euo pipefail
  # An app that was stopped half-way leaves no lock behind: the kernel keeps it only as long as a process holds it.
  exec 9>"${home}/lock"
  flock --nonblock 9 || { echo "another app installs already"; return 0; }
  [ -e "${environment}/complete" ] && { echo "${LOCK_DIGEST:0:12} is installed"; return 0; }
  rm -rf "${environment}"
  # PyTorch and the like come from SageMaker's own image.
  isolated python3 -I -m venv --system-site-packages "${environment}"
  aws s3 cp --only-show-errors "${LOCK_URI}" "${environment}/requirements.lock"
  if ! echo "${LOCK_DIGEST}  ${environment}/requirements.lock" | sha256sum --check --status; then
    echo "${LOCK_URI} is refused: its SHA-256 is not ${LOCK_DIGEST}. Somebody else wrote it; tell an administrator."
    rm -rf "${environment}"
    return 1
  fi
  index=()
  if [ -n "${PACKAGE_INDEX:-}" ]; then index=(--index-url "${PACKAGE_INDEX}"); fi
  isolated "${environment}/bin/python" -I -m pip install --no-input --disable-pip-version-check --no-deps --require-hashes "${index[@]}" --requirement "${environment}/requirements.lock"
  isolated "${environment}/bin/python" -I -m ipykernel install --user --name peregrine --display-name Peregrine
  touch "${environment}/complete"
  echo "${LOCK_DIGEST:0:12} is installed: choose the kernel Peregrine"
}

if [ -e "${environment}/complete" ]; then exit 0; fi
export -f isolated install_libraries
export home environment LOCK_URI LOCK_DIGEST PACKAGE_INDEX="${PACKAGE_INDEX:-}"
nohup setsid bash -c install_libraries >"${log}" 2>&1 </dev/null &
echo "libraries are being installed in the background; see ${log}"
