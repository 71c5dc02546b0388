/*
 * doc.h - the run document that the stages exchange (format "cluster-run/1", cluster-run(5)).
 *
 * A stage's main() is
 *
 *     struct doc doc;
 *     if (!doc_read(STDIN_FILENO, &doc))
 *         return EXIT_ERROR;                    // no document: said so on stderr
 *     if (!doc_halted(&doc))
 *         work(&doc, …);
 *     return doc_finish(&doc);                  // writes it, frees it, gives the exit status
 *
 * and the work asks for what it needs with doc_need(), reads sections with doc_peek(), puts the
 * ones it owns with doc_set(), and reports with doc_error() / doc_warning(). doc_read() has checked
 * the shape of every section that is there (doc_shape.c), so a present section can be read without
 * doubts about its types.
 */
#ifndef CLUSTER_DOC_H
#define CLUSTER_DOC_H

#include "common/diag.h"
#include "common/json.h"

#include <stdbool.h>

#define DOC_FORMAT "cluster-run/1"

struct doc {
    jv root; /* always an object */
};

/* An empty document, for the first stage of a pipeline. */
void doc_init(struct doc *doc);
void doc_free(struct doc *doc);

/* Reads one document from fd. What is no document (not JSON, another format, truncated, a section
 * of the wrong shape) gives false and a message on stderr; nothing is left to free. */
bool doc_read(int fd, struct doc *doc);
/* The same from bytes; err says why not. */
bool doc_parse(const char *text, size_t len, struct doc *doc, struct error *err);

/* Writes the canonical form and one newline to fd; false and a message on stderr if that fails. */
bool doc_write(int fd, const struct doc *doc);

/* doc_write() to stdout, doc_free(), and the exit status: 75 while an error is state_lock_held,
 * else 64 while one is actor_required, else 1 while there is an error (or the write failed), else
 * 0. */
int doc_finish(struct doc *doc);
int doc_exit_status(const struct doc *doc);

/* Sections. doc_peek() returns a copy to be freed (invalid if absent); doc_take() moves the section
 * out, to change it without a copy and doc_set() it again. */
bool doc_has(const struct doc *doc, const char *section);
jv doc_peek(const struct doc *doc, const char *section);
jv doc_take(struct doc *doc, const char *section);
void doc_set(struct doc *doc, const char *section, jv value);

/* True if the section is there. Else adds the error stage_input_missing naming it and the stage
 * that fills it, halts, and gives false. */
bool doc_need(struct doc *doc, const char *section);

/* Diagnostics. `path` says where, "" if nowhere in particular. */
void doc_error(struct doc *doc, const char *code, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void doc_warning(struct doc *doc, const char *code, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Moves a list into the document; the list is empty after. */
void doc_add_diags(struct doc *doc, struct diags *diags);
bool doc_has_errors(const struct doc *doc);
bool doc_has_diag(const struct doc *doc, const char *code);

/* Nothing more may be done. */
void doc_halt(struct doc *doc);
bool doc_halted(const struct doc *doc);

#endif
