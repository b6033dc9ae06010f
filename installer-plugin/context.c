/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The things that verbs share are opened in one place, so that --sysroot and --kernel
 * mean the same to all of them. */

#include "installer-plugin/context.h"

#include <string.h>

#include "base/worker.h"
#include "installer-plugin/installed.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "probe/root.h"

int sp_context_init(struct sp_context *context, const struct sp_options *options,
		    struct sp_error *err)
{
	context->options = options;
	context->log = sp_log_new(options->log);
	return sp_root_new(options->sysroot, &context->root, err);
}

static void forget_installed(struct sp_context *context)
{
	if (context->installed)
		sp_installed_done(context->installed);
	free(context->installed);
	context->installed = NULL;
}

void sp_context_done(struct sp_context *context)
{
	forget_installed(context);
	sp_downloads_done(&context->downloads);
	sp_device_list_done(&context->devices);
	sp_kernel_done(&context->kernel);
	sp_boot_done(&context->boot);
	sp_root_freep(&context->root);
	sp_log_freep(&context->log);
	*context = (struct sp_context){ 0 };
}

int sp_context_read_machine(struct sp_context *context, struct sp_error *err)
{
	int r;

	sp_device_list_done(&context->devices);
	context->devices = (struct sp_device_list){ 0 };
	sp_kernel_done(&context->kernel);
	context->kernel = (struct sp_kernel){ 0 };
	sp_boot_done(&context->boot);
	r = sp_device_list_read(context->root, &context->devices, err);
	if (r == 0)
		r = sp_boot_read(context->root, &context->boot, err);
	if (r < 0)
		return r;
	return sp_kernel_read(context->root, context->options->kernel, &context->kernel,
			      err);
}

int sp_context_read_installed(struct sp_context *context, struct sp_operator *op,
			      struct sp_error *err)
{
	struct sp_patience patience = sp_operator_patience(op);
	struct sp_error cause = SP_ERROR_INIT;
	int r;

	forget_installed(context);
	context->installed = calloc(1, sizeof *context->installed);
	if (!context->installed)
		return sp_error_nomem(err);
	r = sp_installed_read(sp_root_path(context->root), &patience, context->installed,
			      &cause);
	if (r < 0)
		sp_log_line(context->log, "the rpm database was not read: %s",
			    cause.text);
	if (r != -SP_ERR_CANCELLED && r != -SP_ERR_NOMEM)
		return 0;
	*err = cause;
	return r;
}

int sp_context_accept(const struct sp_context *context, struct sp_accept *accept,
		      struct sp_error *err)
{
	int r = sp_accept_add(accept, &context->options->accept, err);

	return r < 0 ? r : sp_accept_add(accept, &context->boot.accept, err);
}

bool sp_context_is_live(const struct sp_context *context)
{
	return !strcmp(sp_root_path(context->root), "/");
}
