# shellcheck shell=bash
# Read by the image's entrypoint on the first start, MySQL's as well as MariaDB's. The site's user gets the
# databases that go with its own: test_NAME, where Django's tests run, and NAME_..., where a backup is
# restored before it takes NAME's place. In a GRANT, _ and % are wildcards.
pattern=${MYSQL_DATABASE//\`/\`\`}
pattern=${pattern//_/\\_}
pattern=${pattern//%/\\%}
user=${MYSQL_USER//\\/\\\\}
user=${user//\'/\\\'}
docker_process_sql --database=mysql <<EOSQL
GRANT ALL ON \`test\\_$pattern%\`.* TO '$user'@'%';
GRANT ALL ON \`$pattern\\_%\`.* TO '$user'@'%';
EOSQL
