/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine has hundreds of modaliases and a kernel tens of thousands of patterns, so
 * a lookup must not walk them.  Each pattern is filed under one key that every text it
 * matches contains: the literal bytes it starts with, or, where too many start alike
 * ("pci:v*"), the rarest run of GRAM_BYTES literal bytes in it. */
#include "plan/alias.h"

#include "base/array.h"
#include "plan/glob.h"
#include "plan/rank.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_PATTERNS = 256 * 1024,
	GRAM_BYTES = 6,
	CROWDED = 8,                /* patterns with one start; more look for a gram */
	FILTER_MAX_WORDS = 1 << 12, /* 32 KiB: stays in the nearest cache */
	FIRST_SLOTS = 64,
	GRAM_COUNTERS = 1 << 14,
	NO_ENTRY = 0, /* entries are counted from 1 in links */
};

#define HASH_FACTOR UINT64_C(0x9e3779b97f4a7c15)
#define GRAM_SALT UINT64_C(0x5bd1e995a3c59ac3)

struct entry {
	const char *pattern, *module;
	size_t tag;
	uint32_t module_len;
	uint32_t next; /* the next entry under its key */
	uint32_t slot; /* while the index is built */
	uint16_t len, start_len;
};

/* One key; free while n is 0. */
struct slot {
	uint32_t check; /* upper half of the key's hash */
	uint32_t first;
	uint32_t n;
};

struct sp_alias_index {
	struct entry *entries;
	size_t n;
	size_t n_ignored;
	bool is_built;
	struct slot *slots;  /* NULL: no memory for it, entries are walked */
	size_t n_slots;      /* a power of two */
	uint64_t *filter;    /* which keys have no entries for sure */
	size_t filter_words; /* a power of two */
	bool has_grams;
	struct sp_alias_hit *hits; /* of the last lookup */
	size_t n_hits;
	size_t hits_size;
};

int sp_alias_index_new(struct sp_alias_index **ret_index, struct sp_error *err)
{
	struct sp_alias_index *index = calloc(1, sizeof *index);

	if (!index)
		return sp_error_nomem(err);
	*ret_index = index;
	return 0;
}

static void forget_keys(struct sp_alias_index *index)
{
	free(index->slots);
	free(index->filter);
	index->slots = NULL;
	index->filter = NULL;
	index->is_built = false;
	index->has_grams = false;
}

void sp_alias_index_free(struct sp_alias_index *index)
{
	if (!index)
		return;
	forget_keys(index);
	free(index->entries);
	free(index->hits);
	free(index);
}

size_t sp_alias_index_n_ignored(const struct sp_alias_index *index)
{
	return index->n_ignored;
}

/* ---- adding ------------------------------------------------------------------ */

struct word {
	const char *at;
	size_t len;
};

static int add(struct sp_alias_index *index, struct word pattern, struct word module,
	       size_t tag, struct sp_error *err)
{
	struct entry *entry;

	if (!sp_glob_is_sound(pattern.at, pattern.len) || module.len == 0 ||
	    module.len > SP_GLOB_MAX_BYTES) {
		index->n_ignored++;
		return 0;
	}
	if (index->n == MAX_PATTERNS)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "the modules have more than %d aliases",
				    MAX_PATTERNS);
	entry = sp_array_add(&index->entries, &index->n);
	if (!entry)
		return sp_error_nomem(err);
	*entry = (struct entry){
		.pattern = pattern.at,
		.len = (uint16_t)pattern.len,
		.start_len = (uint16_t)sp_glob_literal_length(pattern.at, pattern.len),
		.module = module.at,
		.module_len = (uint32_t)module.len,
		.tag = tag,
	};
	if (index->is_built)
		forget_keys(index);
	return 0;
}

int sp_alias_index_add(struct sp_alias_index *index, const char *pattern,
		       const char *module, size_t tag, struct sp_error *err)
{
	return add(index, (struct word){ pattern, strlen(pattern) },
		   (struct word){ module, strlen(module) }, tag, err);
}

/* Takes the next word off the line. */
static struct word cut_word(struct word *line)
{
	struct word word;

	while (line->len && (line->at[0] == ' ' || line->at[0] == '\t'))
		line->at++, line->len--;
	word = (struct word){ line->at, 0 };
	while (word.len < line->len && word.at[word.len] != ' ' &&
	       word.at[word.len] != '\t')
		word.len++;
	line->at += word.len;
	line->len -= word.len;
	return word;
}

int sp_alias_index_add_file(struct sp_alias_index *index, const char *text, size_t len,
			    size_t tag, struct sp_error *err)
{
	int r = 0;

	while (len > 0 && r == 0) {
		const char *end = memchr(text, '\n', len);
		struct word line = { text, end ? (size_t)(end - text) : len };
		size_t taken = line.len + (end ? 1 : 0);
		struct word keyword = cut_word(&line), pattern = cut_word(&line);

		if (keyword.len == 5 && memcmp(keyword.at, "alias", 5) == 0)
			r = add(index, pattern, cut_word(&line), tag, err);
		text += taken;
		len -= taken;
	}
	return r;
}

/* ---- keys -------------------------------------------------------------------- */

static uint64_t hash_more(uint64_t hash, char byte)
{
	return (hash ^ (unsigned char)byte) * HASH_FACTOR;
}

/* The multiplication leaves the lower bits of the hash poor. */
static uint64_t hash_end(uint64_t hash)
{
	return hash ^ (hash >> 32);
}

static uint64_t hash_start(const struct entry *entry)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < entry->start_len; i++)
		hash = hash_more(hash, sp_glob_fold_byte(entry->pattern[i]));
	return hash_end(hash);
}

/* Of GRAM_BYTES folded bytes, with two more readable behind them. */
static uint64_t hash_gram(const char *folded)
{
	uint64_t bytes;

	memcpy(&bytes, folded, sizeof bytes);
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		bytes <<= 8 * (sizeof bytes - GRAM_BYTES);
	else
		bytes >>= 8 * (sizeof bytes - GRAM_BYTES);
	return hash_end((bytes ^ GRAM_SALT) * HASH_FACTOR);
}

/* Two bits of one word for each key that has entries. */
static uint64_t filter_bits(uint32_t check)
{
	return UINT64_C(1) << (check >> 12 & 63) | UINT64_C(1) << (check >> 18 & 63);
}

static bool filter_has(const struct sp_alias_index *index, uint64_t hash)
{
	uint32_t check = (uint32_t)(hash >> 32);
	uint64_t bits = filter_bits(check);

	return (index->filter[check & (index->filter_words - 1)] & bits) == bits;
}

/* The key's slot, or the free one where it would be. */
static size_t find_slot(const struct sp_alias_index *index, uint64_t hash)
{
	size_t at = hash & (index->n_slots - 1);

	while (index->slots[at].n && index->slots[at].check != (uint32_t)(hash >> 32))
		at = (at + 1) & (index->n_slots - 1);
	return at;
}

static size_t file_under(struct sp_alias_index *index, uint64_t hash)
{
	size_t at = find_slot(index, hash);

	index->slots[at].check = (uint32_t)(hash >> 32);
	index->slots[at].n++;
	return at;
}

/* Calls @visit with the hash of each gram of @entry. */
static void walk_grams(const struct entry *entry,
		       void (*visit)(void *user, uint64_t hash), void *user)
{
	char folded[SP_GLOB_MAX_BYTES + sizeof(uint64_t)] = { 0 };
	size_t at = entry->start_len, start, len;

	while (sp_glob_next_literal(entry->pattern, entry->len, &at, &start, &len)) {
		for (size_t i = 0; i < len; i++)
			folded[i] = sp_glob_fold_byte(entry->pattern[start + i]);
		for (size_t i = 0; i + GRAM_BYTES <= len; i++)
			visit(user, hash_gram(folded + i));
	}
}

static void count_gram(void *user, uint64_t hash)
{
	uint32_t *counters = user;

	counters[hash % GRAM_COUNTERS]++;
}

struct choice {
	const uint32_t *counters;
	uint64_t hash;
	uint32_t n; /* how many patterns have it; 0: none chosen */
};

static void choose_gram(void *user, uint64_t hash)
{
	struct choice *choice = user;
	uint32_t n = choice->counters[hash % GRAM_COUNTERS];

	if (choice->n == 0 || n < choice->n) {
		choice->n = n;
		choice->hash = hash;
	}
}

static bool is_crowded(const struct sp_alias_index *index, const struct entry *entry)
{
	return index->slots[entry->slot].n > CROWDED && entry->start_len < entry->len;
}

/* Files what stands in crowds under grams.  Which slot is crowded was decided before:
 * counts only grow here, and what leaves a crowd stays counted. */
static void file_crowds(struct sp_alias_index *index, uint32_t *counters)
{
	for (size_t i = 0; i < index->n; i++)
		if (is_crowded(index, &index->entries[i]))
			walk_grams(&index->entries[i], count_gram, counters);
	for (size_t i = 0; i < index->n; i++) {
		struct entry *entry = &index->entries[i];
		struct choice choice = { counters, 0, 0 };

		if (is_crowded(index, entry))
			walk_grams(entry, choose_gram, &choice);
		if (choice.n == 0)
			continue;
		entry->slot = (uint32_t)file_under(index, choice.hash);
		index->has_grams = true;
	}
}

static void link_entries(struct sp_alias_index *index)
{
	for (size_t i = index->n; i-- > 0;) {
		struct slot *slot = &index->slots[index->entries[i].slot];

		index->entries[i].next = slot->first;
		slot->first = (uint32_t)i + 1;
		index->filter[slot->check & (index->filter_words - 1)] |=
			filter_bits(slot->check);
	}
}

static bool make_slots(struct sp_alias_index *index)
{
	index->n_slots = FIRST_SLOTS;
	while (index->n_slots < 2 * index->n)
		index->n_slots *= 2;
	index->filter_words = index->n_slots / 4;
	if (index->filter_words > FILTER_MAX_WORDS)
		index->filter_words = FILTER_MAX_WORDS;
	index->filter = calloc(index->filter_words, sizeof *index->filter);
	index->slots = calloc(index->n_slots, sizeof *index->slots);
	return index->filter && index->slots;
}

static bool has_crowds(const struct sp_alias_index *index)
{
	for (size_t i = 0; i < index->n; i++)
		if (is_crowded(index, &index->entries[i]))
			return true;
	return false;
}

/* Without memory for it the index still answers, slowly. */
static void build(struct sp_alias_index *index)
{
	uint32_t *counters = NULL;

	if (!make_slots(index)) {
		forget_keys(index);
		index->is_built = true;
		return;
	}
	index->is_built = true;
	for (size_t i = 0; i < index->n; i++) {
		struct entry *entry = &index->entries[i];

		entry->slot = (uint32_t)file_under(index, hash_start(entry));
	}
	if (has_crowds(index))
		counters = calloc(GRAM_COUNTERS, sizeof *counters);
	if (counters)
		file_crowds(index, counters);
	free(counters);
	link_entries(index);
}

/* ---- looking up -------------------------------------------------------------- */

static bool is_same_claim(const struct sp_alias_hit *hit, const struct entry *entry)
{
	return hit->tag == entry->tag && hit->module_len == entry->module_len &&
	       memcmp(hit->module, entry->module, entry->module_len) == 0;
}

static void add_hit(struct sp_alias_index *index, const struct entry *entry)
{
	enum sp_rank rank = sp_rank_of_sound(entry->pattern, entry->len);
	struct sp_alias_hit *hits = index->hits;

	for (size_t i = 0; i < index->n_hits; i++) {
		if (!is_same_claim(&hits[i], entry))
			continue;
		if (rank > hits[i].rank)
			hits[i].rank = rank;
		return;
	}
	if (index->n_hits == index->hits_size) {
		size_t size = index->hits_size ? 2 * index->hits_size : 16;

		hits = realloc(index->hits, size * sizeof *hits);
		if (!hits)
			return;
		index->hits = hits;
		index->hits_size = size;
	}
	hits[index->n_hits++] = (struct sp_alias_hit){ entry->module, entry->module_len,
						       entry->tag, rank };
}

static void try_slot(struct sp_alias_index *index, uint64_t hash, struct word text)
{
	const struct slot *slot = &index->slots[find_slot(index, hash)];

	for (uint32_t i = slot->first; i != NO_ENTRY; i = index->entries[i - 1].next) {
		const struct entry *entry = &index->entries[i - 1];

		if (sp_glob_match(entry->pattern, entry->len, text.at, text.len))
			add_hit(index, entry);
	}
}

static void walk_keys(struct sp_alias_index *index, struct word text)
{
	uint64_t hash = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (filter_has(index, hash_end(hash)))
			try_slot(index, hash_end(hash), text);
		if (i < text.len)
			hash = hash_more(hash, text.at[i]);
	}
	for (size_t i = 0; index->has_grams && i + GRAM_BYTES <= text.len; i++) {
		uint64_t gram = hash_gram(text.at + i);

		if (filter_has(index, gram))
			try_slot(index, gram, text);
	}
}

static void walk_all(struct sp_alias_index *index, struct word text)
{
	for (size_t i = 0; i < index->n; i++)
		if (sp_glob_match(index->entries[i].pattern, index->entries[i].len,
				  text.at, text.len))
			add_hit(index, &index->entries[i]);
}

static int compare_hits(const void *left, const void *right)
{
	const struct sp_alias_hit *a = left, *b = right;
	size_t len = a->module_len < b->module_len ? a->module_len : b->module_len;
	int by_name = memcmp(a->module, b->module, len);

	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	if (by_name != 0)
		return by_name;
	if (a->module_len != b->module_len)
		return a->module_len < b->module_len ? -1 : 1;
	return a->tag < b->tag ? -1 : a->tag > b->tag;
}

size_t sp_alias_index_find(struct sp_alias_index *index, const char *modalias,
			   struct sp_alias_hit *hits, size_t max)
{
	char folded[SP_GLOB_MAX_TEXT_BYTES + sizeof(uint64_t)];
	struct word text = { folded, strlen(modalias) };

	index->n_hits = 0;
	if (text.len > SP_GLOB_MAX_TEXT_BYTES)
		return 0;
	sp_glob_fold(modalias, text.len, folded);
	memset(folded + text.len, 0, sizeof(uint64_t));
	if (!index->is_built)
		build(index);
	if (index->slots)
		walk_keys(index, text);
	else
		walk_all(index, text);
	if (index->n_hits > 1)
		qsort(index->hits, index->n_hits, sizeof *index->hits, compare_hits);
	if (index->n_hits && max)
		memcpy(hits, index->hits,
		       (index->n_hits < max ? index->n_hits : max) * sizeof *hits);
	return index->n_hits;
}
