#include "harness/evidence.h"

#include "tests.h"

#include <process.h>
#include <stdio.h>
#include <string.h>

/* What one line with one text field holds after its event. */
static const char *written_for(const char *value)
{
    struct evidence_line line;
    const char *found;

    evidence_written();
    evidence_begin(&line, "test");
    evidence_text(&line, "key", value);
    evidence_end(&line);
    found = strstr(evidence_written(), "\"event\":\"test\",\"key\":");
    ck_assert_ptr_nonnull(found);
    return found + strlen("\"event\":\"test\",\"key\":");
}

START_TEST(texts_are_quoted)
{
    ck_assert_str_eq(written_for(""), "\"\"}\n");
    ck_assert_str_eq(written_for("plain"), "\"plain\"}\n");
    ck_assert_str_eq(written_for("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\"}\n");
    ck_assert_str_eq(written_for("a\nb\tc\r\x01\x1f\x7f"),
                     "\"a\\u000ab\\u0009c\\u000d\\u0001\\u001f\\u007f\"}\n");
    ck_assert_str_eq(written_for(NULL), "null}\n");
}
END_TEST

START_TEST(utf8_is_kept)
{
    /* Two, three and four bytes, and the first and last of each. */
    static const char text[] = "caf\xC3\xA9 \xC2\x80\xDF\xBF \xE0\xA0\x80\xEF\xBF\xBF "
                               "\xED\x9F\xBF\xEE\x80\x80 \xF0\x90\x80\x80\xF4\x8F\xBF\xBF";
    char wanted[100];

    snprintf(wanted, sizeof wanted, "\"%s\"}\n", text);
    ck_assert_str_eq(written_for(text), wanted);
}
END_TEST

START_TEST(hostile_bytes_are_replaced_one_by_one)
{
    static const struct {
        const char *text;
        const char *wanted;
    } hostile[] = {
        {"\xFF", "\"\\ufffd\"}\n"},
        {"a\x80z", "\"a\\ufffdz\"}\n"},
        /* Cut off in the middle of a character. */
        {"\xC3", "\"\\ufffd\"}\n"},
        {"\xE2\x82", "\"\\ufffd\\ufffd\"}\n"},
        {"\xF0\x9F\x98", "\"\\ufffd\\ufffd\\ufffd\"}\n"},
        {"\xC3\"", "\"\\ufffd\\\"\"}\n"},
        /* Overlong forms of a quotation mark and of a line feed. */
        {"\xC0\xA2", "\"\\ufffd\\ufffd\"}\n"},
        {"\xE0\x80\x8A", "\"\\ufffd\\ufffd\\ufffd\"}\n"},
        /* A surrogate, and a number beyond Unicode. */
        {"\xED\xA0\x80", "\"\\ufffd\\ufffd\\ufffd\"}\n"},
        {"\xF4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"}\n"},
    };

    for (size_t i = 0; i < ARRAYSIZE(hostile); i++) {
        ck_assert_str_eq(written_for(hostile[i].text), hostile[i].wanted);
    }
}
END_TEST

START_TEST(every_kind_of_field_is_written)
{
    struct evidence_line line;

    evidence_written();
    evidence_begin(&line, "kinds");
    evidence_number(&line, "number", -9007199254740993);
    evidence_flag(&line, "yes", true);
    evidence_flag(&line, "no", false);
    evidence_null(&line, "null");
    evidence_format(&line, "format", "%s %d", "\"x\"", 7);
    evidence_open_object(&line, "object");
    evidence_number(&line, "a", 1);
    evidence_text(&line, "b", "2");
    evidence_close_object(&line);
    evidence_open_list(&line, "list");
    evidence_list_text(&line, "one");
    evidence_list_text(&line, "two");
    evidence_open_object(&line, NULL);
    evidence_close_object(&line);
    evidence_close_list(&line);
    evidence_number(&line, "last", 0);
    evidence_end(&line);
    ck_assert_ptr_nonnull(strstr(evidence_written(),
                                 "\"event\":\"kinds\",\"number\":-9007199254740993,\"yes\":true,"
                                 "\"no\":false,\"null\":null,\"format\":\"\\\"x\\\" 7\","
                                 "\"object\":{\"a\":1,\"b\":\"2\"},\"list\":[\"one\",\"two\",{}],"
                                 "\"last\":0}\n"));
}
END_TEST

START_TEST(an_overlong_text_is_cut_and_its_line_closed)
{
    static char text[3 * EVIDENCE_LINE_SIZE];
    const char *written;

    memset(text, 'x', sizeof text - 1);
    written = written_for(text);
    ck_assert_uint_lt(strlen(written), EVIDENCE_LINE_SIZE);
    ck_assert_str_eq(written + strlen(written) - 8, "[cut]\"}\n");
}
END_TEST

START_TEST(an_overlong_line_loses_whole_fields)
{
    static char text[EVIDENCE_LINE_SIZE - 600];
    struct evidence_line line;
    const char *written;

    memset(text, 'x', sizeof text - 1);
    evidence_written();
    evidence_begin(&line, "long");
    evidence_text(&line, "long", text);
    for (int i = 0; i < 1000; i++) {
        evidence_number(&line, "number", i);
    }
    evidence_end(&line);
    written = evidence_written();
    ck_assert_uint_lt(strlen(written), EVIDENCE_LINE_SIZE + 512);
    ck_assert_str_eq(written + strlen(written) - 2, "}\n");
    ck_assert_ptr_eq(strchr(written, '\n'), written + strlen(written) - 1);
}
END_TEST

static long long number_of(const char *line)
{
    long long number = -1;

    ck_assert_int_eq(sscanf(line, "{\"n\":%lld,\"run\":\"tests\",\"t\":", &number), 1);
    return number;
}

static unsigned __stdcall write_notes(void *count)
{
    evidence_name_thread("writer");
    for (int i = 0; i < *(int *)count; i++) {
        evidence_note("many", "note %d", i);
    }
    return 0;
}

START_TEST(lines_of_all_threads_are_numbered_without_gaps)
{
    enum { WRITERS = 4, NOTES = 50 };
    HANDLE writers[WRITERS];
    int notes = NOTES;
    long long last = 0;
    unsigned lines = 0;
    const char *line;

    evidence_written();
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (HANDLE)_beginthreadex(NULL, 0, write_notes, &notes, 0, NULL);
    }
    WaitForMultipleObjects(WRITERS, writers, TRUE, INFINITE);
    for (line = evidence_written(); *line != '\0'; line = strchr(line, '\n') + 1) {
        long long number = number_of(line);
        ck_assert(lines == 0 || number == last + 1);
        ck_assert_ptr_nonnull(strstr(line, "\"thread\":\"writer\",\"event\":\"note\""));
        last = number;
        lines++;
    }
    ck_assert_uint_eq(lines, (unsigned)WRITERS * NOTES);
}
END_TEST

START_TEST(a_thread_without_a_name_has_its_number)
{
    char wanted[64];

    evidence_written();
    evidence_note("plain", "text");
    snprintf(wanted, sizeof wanted, "\"thread\":\"thread-%lu\",", GetCurrentThreadId());
    ck_assert_ptr_nonnull(strstr(evidence_written(), wanted));
}
END_TEST

START_TEST(writing_keeps_the_last_error)
{
    SetLastError(4711);
    evidence_note("plain", "text");
    ck_assert_uint_eq(GetLastError(), 4711);
}
END_TEST

START_TEST(time_goes_on)
{
    int64_t before = evidence_now();

    for (int64_t now = before; now == before; now = evidence_now()) {
    }
    ck_assert_int_gt(evidence_now(), before);
}
END_TEST

/* Its own kinds of trouble in each line: the reader has to find what the writer meant. */
void write_hard_evidence(void)
{
    static char everything[256];
    static char overlong[3 * EVIDENCE_LINE_SIZE];
    struct evidence_line line;

    for (int i = 1; i < 256; i++) {
        everything[i - 1] = (char)i;
    }
    memset(overlong, '"', sizeof overlong - 1);
    evidence_note("plain", "text");
    evidence_note("every byte", "%s", everything);
    evidence_note("\"quoted\\\n\x1b[31m", "\xC3\xA9\xC3");
    evidence_note("overlong", "%s", overlong);
    evidence_begin(&line, "nested");
    evidence_open_list(&line, "frames");
    for (int i = 0; i < 2000; i++) {
        evidence_open_object(&line, NULL);
        evidence_number(&line, "i", i);
        evidence_text(&line, "text", overlong);
        evidence_close_object(&line);
        if (line.length > sizeof line.text - 900) {
            break;
        }
    }
    evidence_close_list(&line);
    evidence_end(&line);
    evidence_begin(&line, "many fields");
    for (int i = 0; i < 2000; i++) {
        evidence_number(&line, "number", i);
    }
    evidence_end(&line);
    evidence_note("last", "line");
}

Suite *evidence_suite(void)
{
    const TTest *const tests[] = {
        texts_are_quoted,
        utf8_is_kept,
        hostile_bytes_are_replaced_one_by_one,
        every_kind_of_field_is_written,
        an_overlong_text_is_cut_and_its_line_closed,
        an_overlong_line_loses_whole_fields,
        lines_of_all_threads_are_numbered_without_gaps,
        a_thread_without_a_name_has_its_number,
        writing_keeps_the_last_error,
        time_goes_on,
        NULL,
    };

    return suite_of("evidence", tests);
}
