#!/bin/sh
# Builds a front end with the package manager whose lock is there, in the current folder.
#   frontend.sh sources TREE OUT  what a build reads of TREE: Python is left out where nothing asks for it
#   frontend.sh install           what the lock says, exactly
#   frontend.sh build TREE OUT    runs the script or command $FRONTEND_BUILD; OUT gets what that made of TREE
set -eu

manager() {
    if [ -f pnpm-lock.yaml ]; then echo pnpm; elif [ -f yarn.lock ]; then echo yarn; else echo npm; fi
}

# pnpm and yarn come from the registry.
need() {
    command -v "$1" >/dev/null && return
    case $1 in
    pnpm) version=$(sed -n 's/^lockfileVersion: *.\{0,1\}\([0-9]*\).*/\1/p' pnpm-lock.yaml | head -n 1)
        case $version in 5) npm install --global pnpm@7 ;; 6) npm install --global pnpm@8 ;; *) npm install --global pnpm@9 ;; esac ;;
    yarn) npm install --global yarn@1 ;;
    esac
}

# Yarn since 2 has another name on the registry. The release that .yarnrc.yml has in the repository is the same
# one, and is not there before the sources are; where nothing says which, the format of its lock does.
export YARN_IGNORE_PATH=1 YARN_NPM_REGISTRY_SERVER
berry() {
    version=$(sed -n 's/.*"packageManager": *"yarn@\([0-9.]*\).*/\1/p' package.json)
    [ -n "$version" ] || version=$(sed -n 's/^yarnPath:.*yarn-\([0-9.]*[0-9]\).*/\1/p' .yarnrc.yml)
    format=$(sed -n '/^__metadata:/,/^ *version:/s/^ *version: *\([0-9]*\).*/\1/p' yarn.lock)
    if [ "${format:-8}" -le 6 ]; then : "${version:=3}"; else : "${version:=4}"; fi
    [ "$(yarn --version 2>/dev/null)" = "$version" ] ||
        npm install --global --force --no-audit --no-fund "@yarnpkg/cli-dist@$version"
    grep -q '^npmRegistryServer:' .yarnrc.yml || YARN_NPM_REGISTRY_SERVER=$(npm config get registry)
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
    if [ "$tool" = yarn ] && [ -f .yarnrc.yml ]; then berry; else need "$tool"; fi
    case $tool in
    pnpm) pnpm install --frozen-lockfile ;;
    yarn) if [ -f .yarnrc.yml ]; then yarn install --immutable
        else yarn install --frozen-lockfile --non-interactive --network-timeout 300000; fi ;;
    npm) if [ -f package-lock.json ] || [ -f npm-shrinkwrap.json ]; then npm ci --no-audit --no-fund
        else echo "frontend: there is no lock: the newest that package.json allows" && npm install --no-audit --no-fund; fi ;;
    esac
}

# What packages are made of is in the sources: workspaces, packages in folders.
in_sources() {
    grep -Eq '"workspaces"|"(file|link|portal|workspace):' package.json
}

# Scripts move what they made to folders beside the front end, which no repository has while they are empty.
places() {
    [ -f package.json ] || return 0
    grep -oE '(\.\./)+[[:alnum:]_][[:alnum:]_./-]*' package.json | while read -r path; do
        case $path in */) mkdir -p "$path" ;; *) mkdir -p "$(dirname "$path")" ;; esac
    done
}

built() {
    case $FRONTEND_BUILD in
    none) ;;
    # A program of the packages and its arguments, where no script calls it.
    *' '*) (PATH="$PWD/node_modules/.bin:$PATH" && export PATH && exec sh -c "$FRONTEND_BUILD") ;;
    *) "$(manager)" run "$FRONTEND_BUILD" ;;
    esac
}

# Whether the front end in the folder $1 looks into Python's files, as Tailwind does for names of classes: since 4
# into all that there are.
reads_python() {
    find "$1" -maxdepth 3 -name node_modules -prune -o -type f -size -256k \
        \( -name 'package.json' -o -name '*.[cm]js' -o -name '*.js' -o -name '*.[cm]ts' -o -name '*.ts' \) -print0 |
        xargs -0r cat | grep -aE '[.{,(|]py\b|\*\*/\*["'\'']|\bpython' >/dev/null ||
        grep -rEq --include='*.css' --include='*.pcss' --include='*.scss' --exclude-dir=node_modules \
            '@source|@import[^;]*tailwindcss' "$1"
}

# Whether settings name what npm installed, for collectstatic to find. djdock's own files do, too.
names_packages() {
    ours=$(find "$1" -maxdepth 2 -name .djdock.zip -printf '%h\n' | head -n 1)
    grep -rIlq --include='*.py' --exclude-dir=node_modules ${ours:+"--exclude-dir=${ours##*/}"} node_modules "$1"
}

case $1 in
sources)
    tree=$2 out=$3
    mkdir -p "$out/src" "$out/tmp"
    ! names_packages "$tree" || touch "$out/tmp/packages-are-named"
    if reads_python "$tree/$FRONTEND"; then set --; else set -- '--exclude=*.py'; fi
    tar -C "$tree" "$@" -cf - . | tar -C "$out/src" -xf -
    ;;
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
    places
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
    if [ -f /tmp/packages-are-named ]; then
        find . -name node_modules -prune -print >/tmp/packages
        tar -cf - -T /tmp/packages | tar -C "$out" -xf -
    fi
    echo "frontend: $(wc -l </tmp/made) files made"
    ;;
esac
