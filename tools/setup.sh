# Sourced by run.sh and test.sh: makes .venv with scanmon and one of its extras. POSIX sh.
#
#   setup EXTRAS PACKAGES   EXTRAS as in "test", or empty; PACKAGES of Debian/Ubuntu that are wanted
#
# Quick the second time: nothing is installed while pyproject.toml and the pins are those of the last time.

say() { printf '%s\n' "scanmon: $*" >&2; }

find_python() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        command -v "$name" >/dev/null 2>&1 || continue
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    say "needs Python 3.11, 3.12 or 3.13 (set PYTHON to one that is not on the path)"
    return 1
}

# the packages among "$@" that are not installed; none where this is not Debian or Ubuntu
missing_packages() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    for package in "$@"; do
        state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)
        [ "$state" = "install ok installed" ] && continue
        # renamed for 64-bit time on newer releases
        state=$(dpkg-query -W -f '${Status}' "${package}t64" 2>/dev/null)
        [ "$state" = "install ok installed" ] || printf '%s ' "$package"
    done
}

install_packages() {
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    root=""
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            root="sudo -n"
        else
            say "missing system packages; run: sudo apt-get install -y $missing"
            return 1
        fi
    fi
    say "installing system packages: $missing"
    # word splitting of $missing is wanted
    # shellcheck disable=SC2086
    $root apt-get update -qq >/dev/null 2>&1
    # shellcheck disable=SC2086
    if ! DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
        say "could not install them; run: sudo apt-get install -y $missing"
        return 1
    fi
}

setup() {
    extras=$1
    shift
    python=$(find_python) || return 1
    install_packages "$@" || say "going on without; what needs them says so"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        install_packages python3-venv || return 1
    fi
    stamp=$(cat pyproject.toml tools/constraints.txt tools/requirements*.txt | "$python" -c \
        'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read() + repr(sys.argv).encode()).hexdigest())' \
        "$extras" "$python" "$(pwd)")
    if [ "$(cat ".venv/scanmon-${extras:-run}.stamp" 2>/dev/null)" != "$stamp" ]; then
        if ! .venv/bin/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
        then
            say "making .venv with $python"
            rm -rf .venv
            "$python" -m venv .venv || return 1
        fi
        say "installing (a few minutes the first time)"
        # these files and no others; then scanmon, and torch where the extra needs it
        lock=tools/requirements.txt
        [ "$extras" != test ] || lock=tools/requirements-test.txt
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
            -r "$lock" || return 1
        .venv/bin/python -m pip install --quiet --disable-pip-version-check \
            -c tools/constraints.txt -e ".${extras:+[$extras]}" || return 1
        printf '%s\n' "$stamp" >".venv/scanmon-${extras:-run}.stamp"
    fi
}
