#!/bin/sh
# Builds a front end with the package manager whose lock is there, in the current folder.
#   frontend.sh install         what the lock says, exactly
#   frontend.sh build TREE OUT  runs the script or command $FRONTEND_BUILD; OUT gets what that made of TREE
set -eu

manager() {
    if [ -f pnpm-lock.yaml ]; then echo pnpm; elif [ -f yarn.lock ]; then echo yarn; else echo npm; fi
}

# pnpm and yarn come with corepack, or from the registry.
need() {
    command -v "$1" >/dev/null && return
    case $1 in
    pnpm) version=$(sed -n 's/^lockfileVersion: *.\{0,1\}\([0-9]*\).*/\1/p' pnpm-lock.yaml | head -n 1)
        case $version in 5) npm install --global pnpm@7 ;; 6) npm install --global pnpm@8 ;; *) npm install --global pnpm@9 ;; esac ;;
    yarn) npm install --global yarn@1 ;;
    esac
}

case $1 in
install)
    tool=$(manager)
    need "$tool"
    case $tool in
    pnpm) pnpm install --frozen-lockfile ;;
    yarn) if [ -f .yarnrc.yml ]; then npm install --global corepack && corepack enable && yarn install --immutable
        else yarn install --frozen-lockfile --non-interactive; fi ;;
    npm) if [ -f package-lock.json ] || [ -f npm-shrinkwrap.json ]; then npm ci --no-audit --no-fund
        else echo "frontend: there is no lock: the newest that package.json allows" && npm install --no-audit --no-fund; fi ;;
    esac
    ;;
build)
    tree=$2 out=$3
    mkdir -p "$out"
    touch /tmp/before
    # Times of files are compared below; some file systems have no finer ones than seconds.
    sleep 1
    case $FRONTEND_BUILD in
    # A program of the packages and its arguments, where no script calls it.
    *' '*) (PATH="$PWD/node_modules/.bin:$PATH" && export PATH && exec sh -c "$FRONTEND_BUILD") ;;
    *) "$(manager)" run "$FRONTEND_BUILD" ;;
    esac
    cd "$tree"
    find . -name node_modules -prune -o -type f -newer /tmp/before -print >/tmp/made
    tar -cf - -T /tmp/made | tar -C "$out" -xf -
    echo "frontend: $(wc -l </tmp/made) files made"
    ;;
esac
