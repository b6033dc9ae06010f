/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Loaded into the engine, it makes the parser of XML crash: whatever a medium holds may find
 * such a fault in a foreign library. */

#include <signal.h>

void *xmlCtxtReadMemory(void *context, const char *bytes, int len, const char *url,
			const char *encoding, int options);

__attribute__((visibility("default"))) void *xmlCtxtReadMemory(void *context,
							       const char *bytes, int len,
							       const char *url,
							       const char *encoding,
							       int options)
{
	(void)context;
	(void)bytes;
	(void)len;
	(void)url;
	(void)encoding;
	(void)options;
	(void)raise(SIGSEGV);
	return 0;
}
