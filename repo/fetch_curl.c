/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Fetching, with every limit set by hand: libcurl's own leave holes (a body without a
 * length may grow past MAXFILESIZE, a short one counts as success, 206 is no error). */

#include "repo/fetch_module.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/file.h"
#include "base/text.h"
#include "repo/fetch.h"

enum {
	CONNECT_MS = 10000,
	STALL_SECONDS = 20,
	STALL_BYTES_PER_SECOND = 100,
	RESPONSE_SECONDS = 20,
	SLOWEST_BYTES_PER_SECOND = 32 * 1024, /* the total limit of one file … */
	BASE_SECONDS = 60,                    /* … plus this */
	REDIRECTS_MAX = 3,
	FIRST_PAUSE_MS = 500,
	LONGEST_PAUSE_MS = 8000,
	HTTP_OK = 200,
	HTTP_PARTIAL = 206,
	HTTP_UNAUTHORISED = 401,
	HTTP_NOT_FOUND = 404,
	HTTP_GONE = 410,
	HTTP_RANGE = 416,
	FTP_NO_LOGIN = 530,
	FTP_ABSENT = 550,
};

struct sp_fetch_session {
	CURL *curl;
	struct sp_fetch_options options;
};

/* One file on its way, over several tries. */
struct transfer {
	struct sp_fetch_session *session;
	const char *url;
	int fd;
	off_t start;       /* where it began in @fd */
	uint64_t got;      /* bytes of the file written so far */
	uint64_t expected; /* 0: unknown */
	uint64_t max;
	bool resumed;   /* this try asked for a range */
	bool no_ranges; /* the server has none: each try begins anew */
	bool too_large, cancelled;
	int write_errno;
	char words[CURL_ERROR_SIZE]; /* what the libraries below say of a failure */
};

static void end(struct sp_fetch_session *session)
{
	if (!session)
		return;
	curl_easy_cleanup(session->curl);
	free(session);
}

SP_DEFINE_FREEP(struct sp_fetch_session *, end)

static int begin(const struct sp_fetch_options *options,
		 struct sp_fetch_session **ret_session, struct sp_error *err)
{
	SP_AUTO(endp) struct sp_fetch_session *session = calloc(1, sizeof *session);

	if (!session)
		return sp_error_nomem(err);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return sp_error_set(err, SP_ERR_INTERNAL, "libcurl does not start");
	session->options = *options;
	session->curl = curl_easy_init();
	if (!session->curl)
		return sp_error_nomem(err);
	*ret_session = sp_steal(session);
	return 0;
}

/* ---- while it comes ---------------------------------------------------------- */

static size_t take_bytes(char *bytes, size_t size, size_t n, void *user)
{
	struct transfer *transfer = user;
	struct sp_error err = SP_ERROR_INIT;
	size_t len = size * n;

	if (len > transfer->max || transfer->got > transfer->max - len) {
		transfer->too_large = true;
		return 0;
	}
	if (sp_file_write_all(transfer->fd, bytes, len, &err) < 0) {
		transfer->write_errno = err.sys_errno ? err.sys_errno : EIO;
		return 0;
	}
	transfer->got += len;
	return len;
}

static int take_progress(void *user, curl_off_t total, curl_off_t now,
			 curl_off_t up_total, curl_off_t up_now)
{
	struct transfer *transfer = user;
	const struct sp_fetch_options *options = &transfer->session->options;

	(void)total;
	(void)now;
	(void)up_total;
	(void)up_now;
	if (!options->progress)
		return 0;
	transfer->cancelled = options->progress(options->user_data, transfer->got,
						transfer->expected) != 0;
	return transfer->cancelled;
}

/* ---- one try ------------------------------------------------------------------ */

#define SET(curl, option, value) (void)curl_easy_setopt(curl, option, value)

static void set_limits(CURL *curl, const struct sp_fetch_options *options,
		       const struct transfer *transfer)
{
	uint64_t bytes = transfer->expected ? transfer->expected : transfer->max;

	SET(curl, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(options->connect_ms ? options->connect_ms : CONNECT_MS));
	SET(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
	    (long)(options->stall_seconds ? options->stall_seconds : RESPONSE_SECONDS));
	SET(curl, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES_PER_SECOND);
	SET(curl, CURLOPT_LOW_SPEED_TIME,
	    (long)(options->stall_seconds ? options->stall_seconds : STALL_SECONDS));
	SET(curl, CURLOPT_TIMEOUT,
	    (long)(bytes / SLOWEST_BYTES_PER_SECOND + BASE_SECONDS));
	SET(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)transfer->max);
	SET(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
}

static void set_manners(CURL *curl, const char *url)
{
	bool secure = sp_text_starts_with(url, "https:");

	SET(curl, CURLOPT_PROTOCOLS_STR, "http,https,ftp");
	SET(curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
	SET(curl, CURLOPT_FOLLOWLOCATION, 1L);
	SET(curl, CURLOPT_UNRESTRICTED_AUTH, 0L);
	SET(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(curl, CURLOPT_FTP_SKIP_PASV_IP, 1L);
	SET(curl, CURLOPT_FAILONERROR, 1L);
	SET(curl, CURLOPT_NOSIGNAL, 1L);
	SET(curl, CURLOPT_USERAGENT, "suppack");
}

static void set_options(struct transfer *transfer)
{
	const struct sp_fetch_options *options = &transfer->session->options;
	CURL *curl = transfer->session->curl;

	curl_easy_reset(curl); /* keeps the connection */
	set_limits(curl, options, transfer);
	set_manners(curl, transfer->url);
	SET(curl, CURLOPT_URL, transfer->url);
	if (options->user)
		SET(curl, CURLOPT_USERNAME, options->user);
	if (options->password)
		SET(curl, CURLOPT_PASSWORD, options->password);
	if (options->ca_file)
		SET(curl, CURLOPT_CAINFO, options->ca_file);
	if (options->proxy)
		SET(curl, CURLOPT_PROXY, options->proxy);
	SET(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	SET(curl, CURLOPT_WRITEDATA, transfer);
	SET(curl, CURLOPT_XFERINFOFUNCTION, take_progress);
	SET(curl, CURLOPT_XFERINFODATA, transfer);
	SET(curl, CURLOPT_NOPROGRESS, 0L);
	transfer->words[0] = '\0';
	SET(curl, CURLOPT_ERRORBUFFER, transfer->words);
	SET(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)transfer->got);
}

/* Outcomes of one try, besides 0 and < 0. */
enum { TRY_ABSENT = SP_FETCH_ABSENT, TRY_AGAIN, TRY_WHOLE };

static int say_answer(const struct transfer *transfer, CURLcode code, long answer,
		      struct sp_error *err)
{
	if (code == CURLE_OPERATION_TIMEDOUT)
		return sp_error_set(err, SP_ERR_TIMEOUT,
				    "fetching '%s': the server stopped answering",
				    transfer->url);
	if (code == CURLE_HTTP_RETURNED_ERROR || code == CURLE_REMOTE_ACCESS_DENIED ||
	    code == CURLE_LOGIN_DENIED) {
		bool locked = answer == HTTP_UNAUTHORISED || answer == FTP_NO_LOGIN;

		(void)sp_error_set(err, SP_ERR_UNREACHABLE,
				   "fetching '%s': the server refuses (%ld%s)",
				   transfer->url, answer,
				   locked ? ", user or password is wrong" : "");
		err->sys_errno = locked ? EACCES : 0;
		return -SP_ERR_UNREACHABLE;
	}
	/* Which of the many things that can be wrong with a certificate. */
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return sp_error_set(err, SP_ERR_UNREACHABLE,
				    "fetching '%s': the server's certificate is not "
				    "accepted: %s",
				    transfer->url,
				    transfer->words[0] ? transfer->words
						       : curl_easy_strerror(code));
	return sp_error_set(err, SP_ERR_UNREACHABLE, "fetching '%s': %s", transfer->url,
			    curl_easy_strerror(code));
}

static bool is_absent(long answer)
{
	return answer == HTTP_NOT_FOUND || answer == HTTP_GONE || answer == FTP_ABSENT;
}

/* Worth another try: what a busy or restarted server does, not what it says no to. */
static bool is_passing(CURLcode code, long answer)
{
	switch ((int)code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_RANGE_ERROR:
		return true;
	case CURLE_HTTP_RETURNED_ERROR:
		return answer >= 500 || answer == 429 || answer == HTTP_RANGE;
	default:
		return false;
	}
}

static int check_length(const struct transfer *transfer, long answer,
			struct sp_error *err)
{
	bool http = sp_text_starts_with(transfer->url, "http");

	if (http && answer != HTTP_OK && !(answer == HTTP_PARTIAL && transfer->resumed))
		return sp_error_set(err, SP_ERR_UNREACHABLE,
				    "fetching '%s': the server answered %ld, which is no "
				    "whole file",
				    transfer->url, answer);
	if (transfer->expected && transfer->got != transfer->expected)
		return sp_error_set(
			err, SP_ERR_DAMAGED,
			"fetching '%s': %llu bytes came, and %llu were announced",
			transfer->url, (unsigned long long)transfer->got,
			(unsigned long long)transfer->expected);
	return 0;
}

static int judge(struct transfer *transfer, CURLcode code, struct sp_error *err)
{
	long answer = 0;

	curl_easy_getinfo(transfer->session->curl, CURLINFO_RESPONSE_CODE, &answer);
	if (transfer->cancelled)
		return sp_error_set(err, SP_ERR_CANCELLED, "fetching '%s' was cancelled",
				    transfer->url);
	if (transfer->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "'%s' is larger than the %llu bytes it may have",
				    transfer->url, (unsigned long long)transfer->max);
	if (transfer->write_errno)
		return sp_error_set_errno(err, transfer->write_errno, "keeping '%s'",
					  transfer->url);
	if (code == CURLE_OK)
		return check_length(transfer, answer, err);
	if (is_absent(answer) || code == CURLE_REMOTE_FILE_NOT_FOUND)
		return TRY_ABSENT;
	(void)say_answer(transfer, code, answer, err);
	/* A server without ranges answers with the whole file: start over. */
	if (answer == HTTP_RANGE || code == CURLE_RANGE_ERROR)
		return TRY_WHOLE;
	return is_passing(code, answer) ? TRY_AGAIN : -(int)err->code;
}

static int try_once(struct transfer *transfer, struct sp_error *err)
{
	off_t at;

	if (transfer->no_ranges)
		transfer->got = 0;
	at = transfer->start + (off_t)transfer->got;
	if (ftruncate(transfer->fd, at) < 0 || lseek(transfer->fd, at, SEEK_SET) < 0)
		return sp_error_set_errno(err, errno, "keeping '%s'", transfer->url);
	transfer->resumed = transfer->got > 0;
	set_options(transfer);
	return judge(transfer, curl_easy_perform(transfer->session->curl), err);
}

/* ---- several -------------------------------------------------------------------- */

/* Growing, and never the same for two hosts: a thousand of them restart at once. */
static void pause_before(unsigned try)
{
	unsigned ms = FIRST_PAUSE_MS;
	unsigned random = 0;
	struct timespec pause;

	while (try-- > 1 && ms < LONGEST_PAUSE_MS)
		ms *= 2;
	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		random = (unsigned)getpid();
	ms = ms / 2 + random % ms;
	pause = (struct timespec){ ms / 1000, (long)(ms % 1000) * 1000000L };
	(void)nanosleep(&pause, NULL);
}

static int file(struct sp_fetch_session *session, const char *url, int fd,
		uint64_t expected_bytes, uint64_t max_bytes, struct sp_error *err)
{
	struct transfer transfer = { .session = session,
				     .url = url,
				     .fd = fd,
				     .start = lseek(fd, 0, SEEK_CUR),
				     .expected = expected_bytes,
				     .max = expected_bytes && expected_bytes < max_bytes
						    ? expected_bytes
						    : max_bytes };
	int r = TRY_AGAIN;

	if (transfer.start < 0)
		return sp_error_set_errno(err, errno, "keeping '%s'", url);
	for (unsigned try = 0; r == TRY_AGAIN && try <= session->options.retries; try++) {
		if (try)
			pause_before(try);
		r = try_once(&transfer, err);
		/* That was no failure, but the wrong question. */
		if (r == TRY_WHOLE && !transfer.no_ranges) {
			transfer.no_ranges = true;
			r = try_once(&transfer, err);
		}
		if (r == TRY_WHOLE)
			r = TRY_AGAIN;
	}
	return r == TRY_AGAIN ? -(int)err->code : r;
}

const struct sp_fetch_module sp_fetch_module = {
	.version = SP_VERSION,
	.begin = begin,
	.end = end,
	.file = file,
};
