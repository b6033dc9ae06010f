/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One RPM: is it what the metadata says, or, where no metadata vouches for it, what is
 * its own signature worth? */
#include "repo/reading.h"

#include "repo/intake.h"
#include "repo/limits.h"
#include "repo/rpmfile.h"
#include "repo/verifier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sp_reading_signers_done(struct sp_reading_signers *signers)
{
	sp_trust_done(&signers->worst);
}

/* ---- its own digests and signature ----------------------------------------- */

/* The header's digest was checked by librpm, with what it says of the rest. */
static int check_body(const struct sp_rpmfile *rpm, const struct sp_intake *intake,
		      struct sp_error *why)
{
	bool has_sha256 = rpm->payload_digest && *rpm->payload_digest;

	if (has_sha256 ? sp_digest_is_equal(intake->payload_sha256, rpm->payload_digest)
		       : sp_digest_is_equal(intake->body_md5, rpm->body_md5))
		return 0;
	if (!has_sha256 && !rpm->body_md5)
		return sp_error_set(why, SP_ERR_FORMAT,
				    "it has no digest of its content");
	return sp_error_set(why, SP_ERR_DAMAGED,
			    "its content is not what its header says: it was damaged");
}

static int load_header(const struct sp_intake *intake, char **ret_bytes, size_t *ret_len,
		       struct sp_error *err)
{
	size_t len = (size_t)(intake->payload_at - intake->header_at);
	SP_AUTO(sp_str_freep) char *bytes = malloc(len);

	if (!bytes)
		return sp_error_nomem(err);
	if (pread(intake->fd, bytes, len, (off_t)intake->header_at) != (ssize_t)len)
		return sp_error_set(err, SP_ERR_INTERNAL, "a memory file was cut");
	*ret_bytes = sp_steal(bytes);
	*ret_len = len;
	return 0;
}

static int set_trust(struct sp_trust *trust, enum sp_trust_state state,
		     const char *detail, struct sp_error *err)
{
	trust->state = state;
	trust->detail = strdup(detail);
	return trust->detail ? 0 : sp_error_nomem(err);
}

/* The signature is over the header as it stands in the file. */
static int check_signature(const struct sp_reading *reading, const struct sp_rpmfile *rpm,
			   const struct sp_intake *intake, struct sp_trust *trust,
			   struct sp_error *err)
{
	struct sp_verifier *verifier = reading->options->verifier;
	SP_AUTO(sp_str_freep) char *header = NULL;
	size_t len = 0;
	int r;

	if (!rpm->signature)
		return set_trust(trust, SP_TRUST_UNSIGNED, "it is not signed", err);
	if (!verifier)
		return set_trust(trust, SP_TRUST_UNKNOWN_KEY,
				 "no key is known here that could have signed it", err);
	r = load_header(intake, &header, &len, err);
	if (r < 0)
		return r;
	return sp_verifier_check(verifier, header, len, rpm->signature,
				 rpm->signature_len, trust, err);
}

/* ---- what several RPMs are worth together ---------------------------------- */

static bool same_key(const struct sp_trust *a, const struct sp_trust *b)
{
	return a->key && b->key && strcmp(a->key, b->key) == 0;
}

static int name_file(struct sp_trust *trust, const char *file, struct sp_error *err)
{
	char *detail = trust->detail ? sp_text_format("'%.200s': %s", file, trust->detail)
				     : NULL;

	if (!detail)
		return trust->detail ? sp_error_nomem(err) : 0;
	free(trust->detail);
	trust->detail = detail;
	return 0;
}

/* Takes over @trust.  The worst counts; and to accept one unknown key must not be to
 * accept another. */
static int add_signer(struct sp_reading_signers *signers, struct sp_trust *trust,
		      const char *file, struct sp_error *err)
{
	struct sp_trust *worst = &signers->worst;
	bool is_first = signers->n_rpms++ == 0;
	int r = name_file(trust, file, err);

	signers->n_trusted += trust->state == SP_TRUST_TRUSTED;
	if (r < 0)
		return r;
	if (!is_first && trust->state == SP_TRUST_UNKNOWN_KEY &&
	    worst->state == SP_TRUST_UNKNOWN_KEY && !same_key(trust, worst)) {
		sp_trust_done(worst);
		return set_trust(worst, SP_TRUST_UNSIGNED,
				 "its packages are signed by several keys, none of which "
				 "is known",
				 err);
	}
	if (!is_first && trust->state <= worst->state)
		return 0;
	sp_trust_done(worst);
	*worst = *trust;
	*trust = (struct sp_trust){ 0 };
	return 0;
}

/* ---- its header ------------------------------------------------------------ */

static void move_text(char **to, char **from)
{
	free(*to);
	*to = sp_steal(*from);
}

static void move_list(struct sp_strv *to, struct sp_strv *from)
{
	sp_strv_done(to);
	*to = *from;
	*from = (struct sp_strv){ 0 };
}

static void adopt(struct sp_package *package, struct sp_package *from)
{
	move_text(&package->name, &from->name);
	move_text(&package->epoch, &from->epoch);
	move_text(&package->version, &from->version);
	move_text(&package->release, &from->release);
	move_text(&package->arch, &from->arch);
	move_text(&package->summary, &from->summary);
	move_list(&package->requires_, &from->requires_);
	move_list(&package->provides, &from->provides);
	move_list(&package->conflicts, &from->conflicts);
	move_list(&package->obsoletes, &from->obsoletes);
	move_list(&package->files, &from->files);
	package->installed_bytes = from->installed_bytes;
}

static int take_signer(struct sp_package *package, const char *signer,
		       struct sp_error *err)
{
	if (!signer)
		return 0;
	free(package->signer);
	package->signer = strdup(signer);
	return package->signer ? 0 : sp_error_nomem(err);
}

static int take_state(struct sp_package *package, const struct sp_trust *trust,
		      struct sp_error *err)
{
	free(package->signature);
	package->signature = strdup(sp_trust_state_name(trust->state));
	if (!package->signature)
		return sp_error_nomem(err);
	return take_signer(package, trust->key, err);
}

/* A signature that nobody would accept condemns the package, whoever else vouches for it. */
static int condemn(const struct sp_reading *reading, struct sp_pack *pack,
		   struct sp_package *package, const struct sp_trust *trust,
		   bool *ret_sound, struct sp_error *err)
{
	if (!reading->options->verify)
		return 0;
	if (take_state(package, trust, err) < 0)
		return -(int)err->code;
	if (sp_trust_can_be_accepted(trust->state))
		return 0;
	*ret_sound = false;
	return sp_findings_add(&pack->findings, sp_reading_trust_code(trust->state),
			       package->file, err, "'%.200s': its own signature: %s",
			       package->file, trust->detail ? trust->detail : "bad");
}

static int check_own(const struct sp_reading *reading, struct sp_pack *pack,
		     struct sp_package *package, const struct sp_rpmfile *rpm,
		     const struct sp_intake *intake, bool *ret_sound,
		     struct sp_error *err)
{
	SP_AUTO(sp_trust_done) struct sp_trust trust = { 0 };
	int r = check_signature(reading, rpm, intake, &trust, err);

	return r < 0 ? r : condemn(reading, pack, package, &trust, ret_sound, err);
}

static int vouch(const struct sp_reading *reading, struct sp_pack *pack,
		 struct sp_package *package, struct sp_rpmfile *rpm,
		 const struct sp_intake *intake, struct sp_reading_signers *signers,
		 bool *ret_sound, struct sp_error *err)
{
	SP_AUTO(sp_trust_done) struct sp_trust trust = { 0 };
	int r = check_signature(reading, rpm, intake, &trust, err);

	if (r == 0)
		r = take_signer(package, trust.key, err);
	if (r == 0)
		r = condemn(reading, pack, package, &trust, ret_sound, err);
	if (r == 0)
		r = add_signer(signers, &trust, package->file, err);
	if (r == 0)
		adopt(package, &rpm->package);
	return r;
}

static int say_differs(struct sp_pack *pack, const struct sp_package *package,
		       const char *nevra, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *should = sp_package_nevra(package);

	if (!should)
		return sp_error_nomem(err);
	return sp_findings_add(&pack->findings, "nevra-mismatch", package->file, err,
			       "'%.200s' is %s, and the pack says it is %s",
			       package->file, nevra, should);
}

static int compare(struct sp_pack *pack, struct sp_package *package,
		   const struct sp_rpmfile *rpm, bool *ret_sound, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *nevra = NULL;
	int r = sp_rpmfile_compare(rpm, package, &nevra, err);

	*ret_sound = r == 0;
	if (r == SP_RPMFILE_DIFFERS)
		return say_differs(pack, package, nevra, err);
	return r == 0 ? take_signer(package, rpm->signer, err) : r;
}

/* ---- what it says of itself where nobody needs to ask ------------------------------ */

/* Signed metadata vouches for every byte; but what else installs packages looks at their
 * own signatures. */
static int say_signature(struct sp_pack *pack, const struct sp_package *package,
			 const struct sp_trust *trust, struct sp_error *err)
{
	const struct sp_trust *by = &pack->trust;

	if (trust->state == by->state && same_key(trust, by))
		return 0;
	if (trust->state == SP_TRUST_UNSIGNED)
		return sp_findings_add(&pack->findings, "package-signature",
				       package->file, err,
				       "'%.200s' is not signed itself", package->file);
	if (trust->state != SP_TRUST_TRUSTED)
		return sp_findings_add(&pack->findings, "package-signature",
				       package->file, err,
				       "the signature within '%.200s': %s", package->file,
				       trust->detail);
	if (!by->key || same_key(trust, by))
		return 0;
	return sp_findings_add(&pack->findings, "package-signature", package->file, err,
			       "'%.200s' is signed by key %s, and the pack's metadata by "
			       "key %s",
			       package->file, trust->key, by->key);
}

static int prove(const struct sp_reading *reading, struct sp_pack *pack,
		 struct sp_package *package, const struct sp_rpmfile *rpm,
		 const struct sp_intake *intake, bool *ret_sound, struct sp_error *err)
{
	SP_AUTO(sp_trust_done) struct sp_trust trust = { 0 };
	struct sp_error why = SP_ERROR_INIT;
	int r;

	if (check_body(rpm, intake, &why) < 0) {
		*ret_sound = false;
		return sp_reading_blame(pack, "damaged-package", package->file, &why,
					err);
	}
	r = check_signature(reading, rpm, intake, &trust, err);
	if (r == 0)
		r = take_signer(package, trust.key, err);
	return r == 0 ? say_signature(pack, package, &trust, err) : r;
}

int sp_reading_rpm(const struct sp_reading *reading, struct sp_pack *pack, size_t index,
		   const struct sp_intake *intake, struct sp_reading_signers *signers,
		   bool *ret_sound, struct sp_error *err)
{
	struct sp_package *package = &pack->packages[index];
	SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
	struct sp_error why = SP_ERROR_INIT;
	int r = sp_rpmfile_read(intake->fd, &rpm, &why);

	*ret_sound = false;
	if (r == 0 && rpm.is_source)
		r = sp_error_set(&why, SP_ERR_FORMAT, "it is a package of sources");
	if (r == 0 && signers)
		r = check_body(&rpm, intake, &why);
	if (r < 0)
		return sp_reading_blame(pack, "damaged-package", package->file, &why,
					err);
	*ret_sound = true;
	r = signers ? vouch(reading, pack, package, &rpm, intake, signers, ret_sound, err)
		    : compare(pack, package, &rpm, ret_sound, err);
	if (r == 0 && *ret_sound && !signers && reading->options->thorough)
		r = prove(reading, pack, package, &rpm, intake, ret_sound, err);
	if (r == 0 && *ret_sound && !signers && reading->options->verify)
		r = check_own(reading, pack, package, &rpm, intake, ret_sound, err);
	return r < 0 || !*ret_sound
		       ? r
		       : sp_reading_contents_add_rpm(reading->contents, index, &rpm, err);
}
