#!/bin/sh
# Installs the Debian packages of provisioning/vagrant/packages.list that are missing: what a host needs for Vagrant's
# machine. Arguments and exit codes are those of provisioning/install.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
HIL_PACKAGES=$here/packages.list exec "$here/../install.sh" "$@"
