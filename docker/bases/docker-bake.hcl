# The stand-ins that are built on a Debian root, see README.md. `djdock` sets labels and secrets on the
# command line, and makes the roots first; by hand: cd docker/bases && docker buildx bake --load postgres

# The environment's proxies, for apt. A proxy that is not set stays unset.
variable "http_proxy" { default = "" }
variable "https_proxy" { default = "" }
variable "no_proxy" { default = "" }
variable "HTTP_PROXY" { default = "" }
variable "HTTPS_PROXY" { default = "" }
variable "NO_PROXY" { default = "" }

target "_base" {
  args = {
    http_proxy  = http_proxy != "" ? http_proxy : null
    https_proxy = https_proxy != "" ? https_proxy : null
    no_proxy    = no_proxy != "" ? no_proxy : null
    HTTP_PROXY  = HTTP_PROXY != "" ? HTTP_PROXY : null
    HTTPS_PROXY = HTTPS_PROXY != "" ? HTTPS_PROXY : null
    NO_PROXY    = NO_PROXY != "" ? NO_PROXY : null
  }
}

# The recipe's own defaults are those of 3.13. No digest covers args: RECIPE_VERSION of catalogue.py goes with them.
target "python-slim" {
  inherits = ["_base"]
  context  = "python-slim"
  tags     = ["djdock/python:3.13-slim"]
}

target "python314-slim" {
  inherits = ["_base"]
  context  = "python-slim"
  args     = { SUITE = "forky", VERSION = "3.14.8" }
  tags     = ["djdock/python:3.14-slim"]
}

target "python311-slim" {
  inherits = ["_base"]
  context  = "python-slim"
  args     = { SUITE = "bookworm", VERSION = "3.11.2" }
  tags     = ["djdock/python:3.11-slim"]
}

target "python39-slim" {
  inherits = ["_base"]
  context  = "python-slim"
  args     = { SUITE = "bullseye", VERSION = "3.9.2" }
  tags     = ["djdock/python:3.9-slim"]
}

target "python" {
  inherits = ["_base"]
  context  = "python"
  contexts = { python-slim = "python-slim" }
  tags     = ["djdock/python:3.13"]
}

target "postgres" {
  inherits = ["_base"]
  context  = "postgres"
  tags     = ["djdock/postgres:17"]
}

# The add-ons' servers share how packages are installed.
target "_server" {
  inherits = ["_base"]
  contexts = { common = "common" }
}

target "postgis" {
  inherits = ["_server"]
  context  = "postgis"
  contexts = { common = "common", postgres = "postgres" }
  tags     = ["djdock/postgis:17-3.5"]
}

target "pgvector" {
  inherits = ["_server"]
  context  = "pgvector"
  contexts = { common = "common", postgres = "postgres" }
  tags     = ["djdock/pgvector:pg17"]
}

target "mariadb" {
  inherits = ["_server"]
  context  = "mariadb"
  tags     = ["djdock/mariadb:11"]
}

target "mysql" {
  inherits = ["_server"]
  context  = "mysql"
  contexts = { common = "common", mariadb = "mariadb" }
  tags     = ["djdock/mysql:9"]
}

target "redis" {
  inherits = ["_server"]
  context  = "redis"
  tags     = ["djdock/redis:8"]
}

target "memcached" {
  inherits = ["_server"]
  context  = "memcached"
  tags     = ["djdock/memcached:1.6"]
}

target "nginx" {
  inherits = ["_server"]
  context  = "nginx"
  tags     = ["djdock/nginx:1.26"]
}

target "rabbitmq" {
  inherits = ["_server"]
  context  = "rabbitmq"
  tags     = ["djdock/rabbitmq:4"]
}

target "httpd" {
  inherits = ["_server"]
  context  = "httpd"
  tags     = ["djdock/httpd:2.4"]
}

target "prometheus" {
  inherits = ["_server"]
  context  = "prometheus"
  tags     = ["djdock/prometheus:2.53"]
}

target "valkey" {
  inherits = ["_server"]
  context  = "valkey"
  contexts = { common = "common", redis = "redis" }
  tags     = ["djdock/valkey:8"]
}

target "postgres-exporter" {
  inherits = ["_server"]
  context  = "exporter"
  args     = { PACKAGE = "prometheus-postgres-exporter" }
  tags     = ["djdock/postgres-exporter:0.17"]
}

target "redis-exporter" {
  inherits = ["_server"]
  context  = "exporter"
  args     = { PACKAGE = "prometheus-redis-exporter" }
  tags     = ["djdock/redis_exporter:1.69"]
}

target "nginx-exporter" {
  inherits = ["_server"]
  context  = "exporter"
  args     = { PACKAGE = "prometheus-nginx-exporter" }
  tags     = ["djdock/nginx-prometheus-exporter:1.4"]
}

target "node" {
  inherits = ["_server"]
  context  = "node"
  tags     = ["djdock/node:20-slim"]
}
