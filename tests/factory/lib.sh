# SPDX-License-Identifier: GPL-2.0-or-later
# What every script of the factory shares; sourced, never run.
# All of them work at one frozen moment, so that the same input makes the same bytes
# wherever the tools allow it (keys are new each time).

export LC_ALL=C TZ=UTC
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1700000000} # 2023-11-14 22:13:20
factory=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# Prints the comment at the top of the running script: that is its manual.
usage() {
	sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' "$0"
	exit "${1:-0}"
}

# Runs a command and shows what it said only when it fails.
quietly() {
	local output
	output=$("$@" 2>&1) || {
		printf '%s\n' "$output" >&2
		die "'$1' failed"
	}
}

scratch=
leave() {
	[ -z "$scratch" ] || rm -rf "$scratch"
}

# A directory of our own in $scratch, gone when the script ends.
open_scratch() {
	scratch=$(mktemp -d /tmp/factory.XXXXXX)
	trap leave EXIT
}

xml_escape() {
	sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/"/\&quot;/g' <<<"$1"
}

# A pack's version as an RPM may carry it.
rpm_version() {
	tr -- '+-' '..' <<<"$1"
}

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

# rpmbuild of the spec file $1, the RPMs to directory $2; further arguments are rpmbuild's.
build_rpm() {
	local spec=$1 out=$2
	shift 2
	mkdir -p "$out"
	quietly rpmbuild -bb "$spec" \
		--define "_topdir $scratch/rpmbuild" --define "_rpmdir $scratch/rpms" \
		--define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
		--define 'debug_package %{nil}' --define '_build_id_links none' \
		--define '__os_install_post %{nil}' --define '_buildhost factory.invalid' \
		--define "_binary_payload ${RPM_PAYLOAD:-w2.xzdio}" --define 'use_source_date_epoch_as_buildtime 1' \
		--define 'clamp_mtime_to_source_date_epoch 1' --define '_wrong_version_format_terminate_build 0' "$@"
	touch -d "@$SOURCE_DATE_EPOCH" "$scratch"/rpms/*.rpm
	mv "$scratch"/rpms/*.rpm "$out/"
}
