/* SPDX-License-Identifier: GPL-2.0-or-later */
/* install_once ROOT NAME VERSION ARCH FILE: one transaction, for `sweep` to disturb.
 * Prints what came of it, "installed" or the finding codes; exits with 0 or 20. */
#include "base/file.h"
#include "repo/pack.h"
#include "repo/transaction.h"

#include <fcntl.h>
#include <stdio.h>

static int seal(const char *path, int *ret_fd, struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	size_t len = 0;
	int r = fd < 0 ? sp_error_set(err, SP_ERR_IO, "no '%s'", path)
		       : sp_file_read_all(fd, 16 << 20, &bytes, &len, err);

	return r == 0 ? sp_file_sealed("rpm", bytes, len, ret_fd, err) : r;
}

static void print(const struct sp_transaction_result *result, int r)
{
	if (r == 0)
		puts("installed");
	for (size_t i = 0; i < result->findings.n; i++)
		printf("%s: %s\n", result->findings.items[i].code,
		       result->findings.items[i].text);
}

int main(int argc, char *argv[])
{
	SP_AUTO(sp_transaction_result_done) struct sp_transaction_result result = { 0 };
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;
	char release[] = "1", epoch[] = "";
	struct sp_package package = { .release = release, .epoch = epoch };
	struct sp_transaction_item item = { .package = &package };
	struct sp_transaction transaction = { .items = &item, .n_items = 1 };
	int r;

	if (argc != 6)
		return 2;
	transaction.root = argv[1];
	package.name = argv[2];
	package.version = argv[3];
	package.arch = argv[4];
	r = seal(argv[5], &fd, &err);
	item.fd = fd;
	if (r == 0)
		r = sp_transaction_run(&transaction, &result, &err);
	print(&result, r);
	if (r < 0)
		printf("%s\n", err.text);
	return r == 0 ? 0 : 20;
}
