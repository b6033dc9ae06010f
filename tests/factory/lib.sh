# SPDX-License-Identifier: GPL-2.0-or-later
# What every script of the factory shares, with the tools for partners; sourced, never run.
# All of them work at one frozen moment, so that the same input makes the same bytes
# wherever the tools allow it (keys are new each time).

export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1700000000} # 2023-11-14 22:13:20
export BUILD_HOST=factory.invalid
factory=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

. "$factory/../../packaging/pack/common.sh"

# gpg in a home of its own under $scratch, at the time $1 (seconds), without an agent left behind.
gpg_at() {
	local now=$1
	shift
	gpg --homedir "$scratch/gpg" --batch --quiet --no-tty --yes --pinentry-mode loopback \
		--passphrase '' --faked-system-time "$(date -u -d "@$now" +%Y%m%dT%H%M%S)!" "$@"
}

# Short paths only: gpg-agent's socket lives there.
open_gpg_home() {
	[ -n "$scratch" ] || open_scratch
	mkdir -m 700 "$scratch/gpg"
	trap 'gpgconf --homedir "$scratch/gpg" --kill all; leave' EXIT
}
