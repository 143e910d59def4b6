# Sourced by the scripts beside it: sets `root` and `python`, and defines `provision`.
# shellcheck shell=sh

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

# The first Python that is new enough; plain python3 first, as the person has chosen it.
python=
for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    echo "Key Workbench needs Python 3.11 or newer, and none is on PATH." \
        "Install it (on Debian: apt-get install python3) and run this again." >&2
    exit 69
fi

provision() {
    "$python" -EsB "$root/packaging/provision.py" "$@"
}
