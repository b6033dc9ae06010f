# SPDX-License-Identifier: GPL-2.0-or-later
# What make-pack and its parts share; sourced, never run. All of them work at the moment
# SOURCE_DATE_EPOCH, so that the same input makes the same bytes.

export LC_ALL=C TZ=UTC
parts=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

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
	scratch=$(mktemp -d /tmp/pack.XXXXXX)
	trap leave EXIT
}

xml_escape() {
	sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/"/\&quot;/g' <<<"$1"
}

# A pack's version as an RPM may carry it.
rpm_version() {
	tr -- '+-' '..' <<<"$1"
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
		--define '__os_install_post %{nil}' --define "_buildhost ${BUILD_HOST:-make-pack.invalid}" \
		--define "_binary_payload ${RPM_PAYLOAD:-w2.xzdio}" --define 'use_source_date_epoch_as_buildtime 1' \
		--define 'clamp_mtime_to_source_date_epoch 1' --define '_wrong_version_format_terminate_build 0' "$@"
	touch -d "@$SOURCE_DATE_EPOCH" "$scratch"/rpms/*.rpm
	mv "$scratch"/rpms/*.rpm "$out/"
}
