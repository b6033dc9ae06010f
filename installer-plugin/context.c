/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The things that verbs share are opened in one place, so that --sysroot and --kernel
 * mean the same to all of them. */

#include "installer-plugin/context.h"

#include <string.h>

#include "installer-plugin/log.h"
#include "probe/root.h"

int sp_context_init(struct sp_context *context, const struct sp_options *options,
		    struct sp_error *err)
{
	context->options = options;
	context->log = sp_log_new(options->log);
	return sp_root_new(options->sysroot, &context->root, err);
}

void sp_context_done(struct sp_context *context)
{
	sp_device_list_done(&context->devices);
	sp_kernel_done(&context->kernel);
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
	r = sp_device_list_read(context->root, &context->devices, err);
	if (r < 0)
		return r;
	return sp_kernel_read(context->root, context->options->kernel, &context->kernel,
			      err);
}

bool sp_context_is_live(const struct sp_context *context)
{
	return !strcmp(sp_root_path(context->root), "/");
}
