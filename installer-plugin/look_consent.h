/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Looking where the operator is asked for what looking needs: a name and a password, and
 * whom to trust before packages are fetched for it. */

#include "base/error.h"

struct sp_accept;
struct sp_context;
struct sp_look;
struct sp_operator;
struct sp_strv;

/* As sp_look_at().  Of a server's pack that @accept refuses for the signature of its
 * metadata no package is fetched before the operator was asked; what is agreed to is
 * added to @accept, and its packages are fetched then.  What is not stays `withheld`.
 * Outcome: SP_CONSENT_CANCELLED (consent.h). */
SP_MUST_CHECK
int sp_look_with_consent(struct sp_context *context, struct sp_strv *locations,
			 struct sp_accept *accept, struct sp_operator *op,
			 struct sp_look *look, struct sp_error *err);
