/* SPDX-License-Identifier: GPL-2.0-or-later */
/* librpm wants a transaction set to read a header; it is given one that has an empty
 * keyring, no database and nothing to say. */
#include "repo/rpmfile.h"

#include "base/array.h"
#include "base/text.h"
#include "repo/limits.h"
#include "repo/repodata.h"
#include "repo/rpm_release.h"

#include <fcntl.h>
#include <rpm/rpmkeyring.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmpgp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sp_rpmfile_entry_done(struct sp_rpmfile_entry *entry)
{
	free(entry->path);
	free(entry->user);
	free(entry->capabilities);
	*entry = (struct sp_rpmfile_entry){ 0 };
}

void sp_rpmfile_done(struct sp_rpmfile *rpm)
{
	sp_package_done(&rpm->package);
	for (size_t i = 0; i < rpm->n_files; i++)
		sp_rpmfile_entry_done(&rpm->files[i]);
	free(rpm->files);
	free(rpm->payload_digest);
	free(rpm->body_md5);
	free(rpm->header_sha256);
	free(rpm->signature);
	free(rpm->signer);
	*rpm = (struct sp_rpmfile){ 0 };
}

static int say_nothing(rpmlogRec record, rpmlogCallbackData data)
{
	(void)record;
	(void)data;
	return 0;
}

static rpmts new_set(void)
{
	SP_AUTO(sp_rpmts_freep) rpmts ts = NULL;
	rpmKeyring keyring;

	(void)rpmlogSetCallback(say_nothing, NULL);
	ts = rpmtsCreate();
	keyring = rpmKeyringNew();
	if (!ts || !keyring || rpmtsSetKeyring(ts, keyring) != 0) {
		(void)rpmKeyringFree(keyring);
		return NULL;
	}
	(void)rpmKeyringFree(keyring);
	/* Digests only: who signed is the verifier's matter. */
	(void)rpmtsSetVSFlags(ts, RPMVSF_MASK_NOSIGNATURES);
	return sp_steal(ts);
}

static int read_header(int fd, Header *ret_header, struct sp_error *err)
{
	SP_AUTO(sp_rpmts_freep) rpmts ts = new_set();
	SP_AUTO(sp_rpm_file_closep) FD_t file = NULL;
	SP_AUTO(sp_rpm_header_freep) Header header = NULL;
	rpmRC rc;

	if (!ts)
		return sp_error_nomem(err);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "an RPM is read that is no file");
	file = fdDup(fd);
	if (!file)
		return sp_error_nomem(err);
	rc = rpmReadPackageFile(ts, file, NULL, &header);
	if ((rc == RPMRC_OK || rc == RPMRC_NOKEY || rc == RPMRC_NOTTRUSTED) && header) {
		*ret_header = sp_steal(header);
		return 0;
	}
	if (rc == RPMRC_NOTFOUND)
		return sp_error_set(err, SP_ERR_FORMAT, "it is no RPM package");
	return sp_error_set(err, SP_ERR_DAMAGED, "its header is damaged");
}

/* ---- names ----------------------------------------------------------------- */

static int take_string(Header header, rpmTag tag, char **ret_text, struct sp_error *err)
{
	const char *text = headerGetString(header, tag);

	*ret_text = sp_text_clean_dup(text ? text : "");
	return *ret_text ? 0 : sp_error_nomem(err);
}

static int take_names(Header header, struct sp_package *package, struct sp_error *err)
{
	const struct {
		rpmTag tag;
		char **text;
	} texts[] = {
		{ RPMTAG_NAME, &package->name },
		{ RPMTAG_VERSION, &package->version },
		{ RPMTAG_RELEASE, &package->release },
		{ RPMTAG_ARCH, &package->arch },
		{ RPMTAG_SUMMARY, &package->summary },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof texts / sizeof texts[0]; i++)
		r = take_string(header, texts[i].tag, texts[i].text, err);
	if (r < 0)
		return r;
	package->type = strdup("rpm");
	package->epoch =
		headerIsEntry(header, RPMTAG_EPOCH)
			? sp_text_format("%llu", (unsigned long long)headerGetNumber(
							 header, RPMTAG_EPOCH))
			: strdup("");
	if (!package->type || !package->epoch)
		return sp_error_nomem(err);
	if (!*package->name || !*package->version || !*package->release ||
	    !*package->arch)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "its header has no name, version or architecture");
	return 0;
}

static void take_sizes(Header header, struct sp_package *package)
{
	package->installed_bytes = headerGetNumber(header, RPMTAG_LONGSIZE);
	if (package->installed_bytes == 0)
		package->installed_bytes = headerGetNumber(header, RPMTAG_SIZE);
}

/* ---- dependencies ---------------------------------------------------------- */

/* rpmdsDNEVR() is "R name >= 1-2". */
static int take_deps(Header header, rpmTag tag, struct sp_strv *list,
		     struct sp_error *err)
{
	SP_AUTO(sp_rpmds_freep) rpmds deps = rpmdsNew(header, tag, 0);

	while (deps && rpmdsNext(deps) >= 0) {
		const char *text = rpmdsDNEVR(deps);
		char clean[1024];
		int r;

		if (!text || !text[0] || !text[1] || rpmdsFlags(deps) & RPMSENSE_RPMLIB)
			continue;
		sp_text_clean(text + 2, strlen(text + 2), clean, sizeof clean);
		if (list->n == SP_LIMIT_LIST)
			return sp_error_set(err, SP_ERR_LIMIT,
					    "it has too many dependencies");
		r = sp_strv_add(list, clean, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int take_all_deps(Header header, struct sp_package *package, struct sp_error *err)
{
	int r = take_deps(header, RPMTAG_REQUIRENAME, &package->requires_, err);

	if (r == 0)
		r = take_deps(header, RPMTAG_PROVIDENAME, &package->provides, err);
	if (r == 0)
		r = take_deps(header, RPMTAG_CONFLICTNAME, &package->conflicts, err);
	if (r == 0)
		r = take_deps(header, RPMTAG_OBSOLETENAME, &package->obsoletes, err);
	return r;
}

/* ---- files ----------------------------------------------------------------- */

static bool has_climbing_part(const char *path)
{
	for (; *path; path += strcspn(path, "/"), path += strspn(path, "/"))
		if (path[0] == '.' && path[1] == '.' && (path[2] == '/' || !path[2]))
			return true;
	return false;
}

static int take_entry(rpmfiles files, int index, const char *path,
		      struct sp_rpmfile_entry *entry, struct sp_error *err)
{
	const char *user = rpmfilesFUser(files, index);
	const char *capabilities = rpmfilesFCaps(files, index);

	entry->path = strdup(path);
	entry->user = sp_text_clean_dup(user ? user : "");
	entry->capabilities = sp_text_clean_dup(capabilities ? capabilities : "");
	entry->mode = rpmfilesFMode(files, index);
	entry->size_bytes = rpmfilesFSize(files, index);
	return entry->path && entry->user && entry->capabilities ? 0
								 : sp_error_nomem(err);
}

static int take_file(rpmfiles files, int index, struct sp_rpmfile *rpm,
		     struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *name = rpmfilesFN(files, index);
	const char *path = name ? name + strspn(name, "/") : "";
	struct sp_rpmfile_entry *entry;

	if (!name)
		return sp_error_nomem(err);
	/* librpm itself takes such a name as it is. */
	if (has_climbing_part(path))
		return sp_error_set(err, SP_ERR_FORMAT,
				    "it holds a file '%.80s', whose name leads elsewhere",
				    path);
	entry = sp_array_add(&rpm->files, &rpm->n_files);
	if (!entry)
		return sp_error_nomem(err);
	if (take_entry(files, index, path, entry, err) < 0)
		return -SP_ERR_NOMEM;
	if (!S_ISREG(entry->mode) || !sp_repodata_is_of_interest(path))
		return 0;
	return sp_strv_add(&rpm->package.files, path, err);
}

static int take_files(Header header, struct sp_rpmfile *rpm, struct sp_error *err)
{
	SP_AUTO(sp_rpmfiles_freep)
	rpmfiles files = rpmfilesNew(NULL, header, 0, RPMFI_KEEPHEADER);
	unsigned n = files ? rpmfilesFC(files) : 0;
	int r = 0;

	if (!files)
		return sp_error_set(err, SP_ERR_DAMAGED, "its list of files is damaged");
	if (n > SP_LIMIT_LIST)
		return sp_error_set(err, SP_ERR_LIMIT, "it has %u files, too many", n);
	for (unsigned i = 0; r == 0 && i < n; i++)
		r = take_file(files, (int)i, rpm, err);
	sp_strv_sort(&rpm->package.files);
	return r;
}

/* ---- scripts, digests, the signature --------------------------------------- */

static bool has_scripts(Header header)
{
	static const rpmTag tags[] = {
		RPMTAG_PREIN,      RPMTAG_POSTIN,       RPMTAG_PREUN,
		RPMTAG_POSTUN,     RPMTAG_PRETRANS,     RPMTAG_POSTTRANS,
		RPMTAG_PREINPROG,  RPMTAG_POSTINPROG,   RPMTAG_PREUNPROG,
		RPMTAG_POSTUNPROG, RPMTAG_PRETRANSPROG, RPMTAG_POSTTRANSPROG,
	};

	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (headerIsEntry(header, tags[i]))
			return true;
	return false;
}

/* In hexadecimal, if it is there. */
static int take_digest(Header header, rpmTag tag, char **ret_hex, struct sp_error *err)
{
	SP_AUTO(sp_rpmtd_freep) rpmtd data = rpmtdNew();
	const char *text;

	if (!data)
		return sp_error_nomem(err);
	if (!headerGet(header, tag, data, HEADERGET_DEFAULT))
		return 0;
	if (rpmtdClass(data) == RPM_BINARY_CLASS) {
		*ret_hex = rpmtdFormat(data, RPMTD_FORMAT_STRING, NULL);
		return *ret_hex ? 0 : sp_error_nomem(err);
	}
	text = rpmtdGetString(data);
	if (!text)
		return 0;
	*ret_hex = strdup(text);
	return *ret_hex ? 0 : sp_error_nomem(err);
}

static int take_payload_digest(Header header, struct sp_rpmfile *rpm,
			       struct sp_error *err)
{
	enum { SHA256 = 8 };

	if (headerGetNumber(header, RPMTAG_PAYLOADDIGESTALGO) != SHA256)
		return 0;
	return take_digest(header, RPMTAG_PAYLOADDIGEST, &rpm->payload_digest, err);
}

static int take_signature(Header header, struct sp_rpmfile *rpm, struct sp_error *err)
{
	SP_AUTO(sp_rpmtd_freep) rpmtd data = rpmtdNew();

	if (!data)
		return sp_error_nomem(err);
	if (!headerGet(header, RPMTAG_RSAHEADER, data, HEADERGET_DEFAULT) &&
	    !headerGet(header, RPMTAG_DSAHEADER, data, HEADERGET_DEFAULT))
		return 0;
	if (data->type != RPM_BIN_TYPE || data->count == 0 ||
	    data->count > SP_LIMIT_SIGNATURE_BYTES)
		return sp_error_set(err, SP_ERR_DAMAGED, "its signature is damaged");
	rpm->signature = malloc(data->count);
	if (!rpm->signature)
		return sp_error_nomem(err);
	memcpy(rpm->signature, data->data, data->count);
	rpm->signature_len = data->count;
	return 0;
}

/* Who it says has signed it. */
static int take_signer(struct sp_rpmfile *rpm, struct sp_error *err)
{
	pgpDigParams params = NULL;
	const uint8_t *id;

	if (!rpm->signature || pgpPrtParams(rpm->signature, rpm->signature_len,
					    PGPTAG_SIGNATURE, &params) != 0)
		return 0;
	id = pgpDigParamsSignID(params);
	if (id)
		rpm->signer =
			sp_text_format("%02X%02X%02X%02X%02X%02X%02X%02X", id[0], id[1],
				       id[2], id[3], id[4], id[5], id[6], id[7]);
	pgpDigParamsFree(params);
	return id && !rpm->signer ? sp_error_nomem(err) : 0;
}

static int take_proofs(Header header, struct sp_rpmfile *rpm, struct sp_error *err)
{
	int r = take_payload_digest(header, rpm, err);

	if (r == 0)
		r = take_digest(header, RPMTAG_SIGMD5, &rpm->body_md5, err);
	if (r == 0)
		r = take_digest(header, RPMTAG_SHA256HEADER, &rpm->header_sha256, err);
	if (r == 0)
		r = take_signature(header, rpm, err);
	if (r == 0)
		r = take_signer(rpm, err);
	rpm->has_scripts = has_scripts(header);
	rpm->is_source = headerIsSource(header);
	return r;
}

/* ---- all of it ------------------------------------------------------------- */

int sp_rpmfile_read(int fd, struct sp_rpmfile *ret_rpm, struct sp_error *err)
{
	SP_AUTO(sp_rpmfile_done) struct sp_rpmfile rpm = { 0 };
	SP_AUTO(sp_rpm_header_freep) Header header = NULL;
	int r = read_header(fd, &header, err);

	if (r == 0)
		r = take_names(header, &rpm.package, err);
	if (r == 0)
		r = take_all_deps(header, &rpm.package, err);
	if (r == 0)
		r = take_files(header, &rpm, err);
	if (r == 0)
		r = take_proofs(header, &rpm, err);
	if (r < 0)
		return r;
	take_sizes(header, &rpm.package);
	*ret_rpm = rpm;
	rpm = (struct sp_rpmfile){ 0 };
	return 0;
}

static bool same_epoch(const char *a, const char *b)
{
	return strcmp(a && *a ? a : "0", b && *b ? b : "0") == 0;
}

int sp_rpmfile_compare(const struct sp_rpmfile *rpm, const struct sp_package *package,
		       char **ret_nevra, struct sp_error *err)
{
	const struct sp_package *is = &rpm->package;

	if (strcmp(is->name, package->name) == 0 &&
	    same_epoch(is->epoch, package->epoch) &&
	    strcmp(is->version, package->version) == 0 &&
	    strcmp(is->release, package->release) == 0 &&
	    strcmp(is->arch, package->arch) == 0)
		return 0;
	*ret_nevra = sp_package_nevra(is);
	return *ret_nevra ? SP_RPMFILE_DIFFERS : sp_error_nomem(err);
}
