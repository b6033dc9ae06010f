/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How librpm's things are let go, for SP_AUTO.  Only for the files that speak to librpm:
 * rpmfile.c, rpm_root.c, rpm_run.c. */

#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmds.h>
#include <rpm/rpmfi.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmio.h>
#include <rpm/rpmps.h>
#include <rpm/rpmtd.h>
#include <rpm/rpmts.h>

#include "base/cleanup.h"

/* They give back NULL, or what nobody asks for. */
#define SP_RPM_RELEASE(type, name, release) \
	static inline void name(type it)    \
	{                                   \
		(void)release(it);          \
	}                                   \
	SP_DEFINE_FREEP(type, name)

SP_RPM_RELEASE(rpmts, sp_rpmts_free, rpmtsFree)
SP_RPM_RELEASE(Header, sp_rpm_header_free, headerFree)
SP_RPM_RELEASE(FD_t, sp_rpm_file_close, Fclose)
SP_RPM_RELEASE(rpmds, sp_rpmds_free, rpmdsFree)
SP_RPM_RELEASE(rpmfiles, sp_rpmfiles_free, rpmfilesFree)
SP_RPM_RELEASE(rpmfi, sp_rpmfi_free, rpmfiFree)
SP_RPM_RELEASE(rpmdbMatchIterator, sp_rpm_matches_free, rpmdbFreeIterator)
SP_RPM_RELEASE(rpmps, sp_rpmps_free, rpmpsFree)
SP_RPM_RELEASE(rpmpsi, sp_rpmpsi_free, rpmpsFreeIterator)

static inline void sp_rpmtd_free(rpmtd data)
{
	rpmtdFreeData(data);
	(void)rpmtdFree(data);
}
SP_DEFINE_FREEP(rpmtd, sp_rpmtd_free)
