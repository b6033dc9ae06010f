/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is accepted for one source is accepted for it alone. */

#include "installer-plugin/answer_options.h"

#include "base/json.h"
#include "base/outcome.h"
#include "installer-plugin/unattended.h"

int sp_answer_options_of(const struct sp_options *given,
			 const struct sp_unattended_source *source,
			 struct sp_options *ret_options, struct sp_error *err)
{
	int r;

	*ret_options = *given;
	ret_options->accept = (struct sp_accept){ 0 };
	ret_options->replace = (struct sp_strv){ 0 };
	if (source->timeout_s)
		ret_options->timeout_s = source->timeout_s;
	if (source->retries >= 0)
		ret_options->retries = (unsigned)source->retries;
	if (source->ca_file)
		ret_options->ca_file = source->ca_file;
	if (source->proxy)
		ret_options->proxy = source->proxy;
	ret_options->pinned_key = source->key;
	ret_options->pinned_digest = source->digest;
	r = sp_accept_add(&ret_options->accept, &given->accept, err);
	if (r == 0)
		r = sp_accept_add(&ret_options->accept, &source->accept, err);
	if (r == 0 && source->key)
		r = sp_strv_add(&ret_options->accept.keys, source->key, err);
	if (r == 0)
		r = sp_strv_add_all(&ret_options->replace, &given->replace, err);
	return r == 0 ? sp_strv_add_all(&ret_options->replace, &source->replace, err) : r;
}

void sp_answer_options_done(struct sp_options *options)
{
	sp_accept_done(&options->accept);
	sp_strv_done(&options->replace);
}

struct json_object *sp_answer_options_row(const struct sp_unattended_source *source,
					  int exit, struct json_object *decisions)
{
	struct json_object *row = sp_json_object();

	sp_json_set_string(row, "element", source->element);
	sp_json_set_int(row, "line", source->line);
	sp_json_set_string(row, "location", source->shown);
	sp_json_set_bool(row, "required", source->required);
	sp_json_set_string(row, "outcome", sp_outcome_name(exit));
	sp_json_set_int(row, "exit", exit);
	sp_json_set(row, "decisions", decisions ? decisions : sp_json_array());
	return row;
}
