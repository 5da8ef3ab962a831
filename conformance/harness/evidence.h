/*
 * Evidence: one JSON object a line on what was standard output when the process began
 * (docs/protocol.md). Lines are built on the caller's stack and written whole, so that any thread,
 * one of the provider's included, may write at any time.
 */
#ifndef WSPCTS_HARNESS_EVIDENCE_H
#define WSPCTS_HARNESS_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EVIDENCE_LINE_SIZE = 6144 };

struct evidence_line {
    const char *event;
    size_t length;
    bool first;
    bool essential; /* is written even when the run has used up its share of evidence */
    char text[EVIDENCE_LINE_SIZE];
};

/*
 * Takes standard output away from the process: keeps a duplicate for the evidence, then points
 * descriptor 1 and STD_OUTPUT_HANDLE to standard error, so that nothing a provider prints can
 * reach the evidence. Must run before the provider is loaded. False if there is no output.
 */
bool evidence_take_standard_output(const char *run);

/* Microseconds since the case began. */
int64_t evidence_now(void);

/* The name that lines written by the calling thread carry; `name` must outlive the process. */
void evidence_name_thread(const char *name);
const char *evidence_thread_name(char *buffer, size_t size);

void evidence_begin(struct evidence_line *line, const char *event);
void evidence_text(struct evidence_line *line, const char *key, const char *value); /* NULL: null */
void evidence_format(struct evidence_line *line, const char *key, const char *format, ...)
    __attribute__((format(gnu_printf, 3, 4)));
void evidence_number(struct evidence_line *line, const char *key, int64_t value);
void evidence_flag(struct evidence_line *line, const char *key, bool value);
void evidence_null(struct evidence_line *line, const char *key);
void evidence_open_object(struct evidence_line *line, const char *key); /* NULL inside a list */
void evidence_close_object(struct evidence_line *line);
void evidence_open_list(struct evidence_line *line, const char *key);
void evidence_list_text(struct evidence_line *line, const char *value);
void evidence_close_list(struct evidence_line *line);

/* Numbers the line and writes it. */
void evidence_end(struct evidence_line *line);

/* A `note` line. */
void evidence_note(const char *topic, const char *format, ...)
    __attribute__((format(gnu_printf, 2, 3)));

#endif
