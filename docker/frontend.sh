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

# The Node that is asked for, where the base has another: a stand-in's is Debian's own. npm has it, too.
node_as_asked() {
    have=$(node -p 'process.versions.node.split(".")[0]')
    least=$(node -p 'const asked = String((require("./package.json").engines || {}).node)
        Math.min(999, ...[...asked.matchAll(/(\d+)(?:\.[\w*]+)*/g)].map(found => +found[1])) % 999')
    [ "$have" = "${NODE_VERSION:-$have}" ] && return
    [ "$NODE_VERSION" = 22 ] && [ "$least" -le "$have" ] && return
    get_node
}

# Fails where the base has it already.
get_node() {
    have=$(node -p 'process.versions.node.split(".")[0]')
    [ "$have" != "${NODE_VERSION:-$have}" ] || return 1
    echo "frontend: Node $NODE_VERSION, which is asked for, in the place of $have"
    npm install --global --no-audit --no-fund "node@$NODE_VERSION"
}

packages() {
    tool=$(manager)
    need "$tool"
    case $tool in
    pnpm) pnpm install --frozen-lockfile ;;
    yarn) if [ -f .yarnrc.yml ]; then npm install --global corepack && corepack enable && yarn install --immutable
        else yarn install --frozen-lockfile --non-interactive --network-timeout 300000; fi ;;
    npm) if [ -f package-lock.json ] || [ -f npm-shrinkwrap.json ]; then npm ci --no-audit --no-fund
        else echo "frontend: there is no lock: the newest that package.json allows" && npm install --no-audit --no-fund; fi ;;
    esac
}

# What packages are made of is in the sources: workspaces, packages in folders.
in_sources() {
    grep -Eq '"workspaces"|"(file|link|portal|workspace):' package.json
}

built() {
    case $FRONTEND_BUILD in
    none) ;;
    # A program of the packages and its arguments, where no script calls it.
    *' '*) (PATH="$PWD/node_modules/.bin:$PATH" && export PATH && exec sh -c "$FRONTEND_BUILD") ;;
    *) "$(manager)" run "$FRONTEND_BUILD" ;;
    esac
}

case $1 in
install)
    node_as_asked
    # A script after the install may want sources, too; what fails for another reason fails again.
    if in_sources || ! { packages || { get_node && packages; }; }; then
        echo "frontend: packages are installed when the sources are there"
        touch /tmp/later
    fi
    ;;
build)
    tree=$2 out=$3
    mkdir -p "$out"
    if [ -f /tmp/later ]; then packages || { get_node && packages; } || exit 1; fi
    touch /tmp/before
    # Times of files are compared below, of their making: gulp and cp -p keep those of their contents. Some
    # file systems have no finer ones than seconds.
    sleep 1
    built || { get_node && built; } || exit 1
    cd "$tree"
    find . -name node_modules -prune -o -type f -cnewer /tmp/before -print >/tmp/made
    tar -cf - -T /tmp/made | tar -C "$out" -xf -
    # What settings name of the packages themselves is for collectstatic; the image does not get it.
    if grep -rIlq --include='*.py' --exclude-dir=node_modules node_modules .; then
        find . -name node_modules -prune -print >/tmp/packages
        tar -cf - -T /tmp/packages | tar -C "$out" -xf -
    fi
    echo "frontend: $(wc -l </tmp/made) files made"
    ;;
esac
