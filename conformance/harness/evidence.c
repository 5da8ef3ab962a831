#include "harness/evidence.h"

#include "harness/winsock.h"

#include <fcntl.h>
#include <io.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * The contract allows 4 MiB; what is kept back is for the lines that decide the verdict, and of
 * that a part for those that say it: without them a long run would end in silence.
 */
static const int64_t ordinary_share = (4 << 20) - (512 << 10);
static const int64_t essential_share = (4 << 20) - (64 << 10);
static const int64_t whole_share = 4 << 20;

/* How long a line waits for its turn: a thread that was ended in mid-line must not stop the rest.
 */
enum { TURN_MS = 1000 };

static HANDLE output = INVALID_HANDLE_VALUE;
static volatile LONG turn; /* 1 while a line is being written */
static char run_token[80];
static int64_t lines_written;
static bool has_verdict;
static int64_t bytes_written;
static LARGE_INTEGER began;
static LARGE_INTEGER frequency;
static DWORD thread_name_slot = TLS_OUT_OF_INDEXES;

bool evidence_take_standard_output(const char *run)
{
    HANDLE self = GetCurrentProcess();
    HANDLE standard = GetStdHandle(STD_OUTPUT_HANDLE);

    snprintf(run_token, sizeof run_token, "%s", run);
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&began);
    thread_name_slot = TlsAlloc();
    if (!DuplicateHandle(self, standard, self, &output, 0, FALSE, DUPLICATE_SAME_ACCESS)) {
        return false;
    }
    /* A provider that closes handles it does not own must not close this one. */
    SetHandleInformation(output, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    fflush(stdout);
    _dup2(2, 1);
    SetStdHandle(STD_OUTPUT_HANDLE, GetStdHandle(STD_ERROR_HANDLE));
    return true;
}

int64_t evidence_now(void)
{
    LARGE_INTEGER now;

    QueryPerformanceCounter(&now);
    return (now.QuadPart - began.QuadPart) * 1000000 / frequency.QuadPart;
}

void evidence_name_thread(const char *name)
{
    TlsSetValue(thread_name_slot, (void *)name);
}

const char *evidence_thread_name(char *buffer, size_t size)
{
    DWORD error = GetLastError();
    const char *name = TlsGetValue(thread_name_slot);

    SetLastError(error);
    if (name != NULL) {
        return name;
    }
    snprintf(buffer, size, "thread-%lu", GetCurrentThreadId());
    return buffer;
}

static void put(struct evidence_line *line, const char *bytes, size_t count)
{
    /* The last bytes are kept for the brackets that close the line. */
    if (line->length + count < sizeof line->text - 64) {
        memcpy(line->text + line->length, bytes, count);
        line->length += count;
    }
}

static void put_string(struct evidence_line *line, const char *bytes)
{
    put(line, bytes, strlen(bytes));
}

/* Length of the UTF-8 sequence at `s`, 0 if it is none (an overlong form or a surrogate is none).
 */
static size_t utf8_sequence(const unsigned char *s)
{
    if (s[0] < 0x80) {
        return 1;
    }
    if (s[0] >= 0xC2 && s[0] <= 0xDF && (s[1] & 0xC0) == 0x80) {
        return 2;
    }
    if ((s[0] & 0xF0) == 0xE0 && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80) {
        bool overlong = s[0] == 0xE0 && s[1] < 0xA0;
        bool surrogate = s[0] == 0xED && s[1] >= 0xA0;
        return overlong || surrogate ? 0 : 3;
    }
    if (s[0] >= 0xF0 && s[0] <= 0xF4 && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80 &&
        (s[3] & 0xC0) == 0x80) {
        bool overlong = s[0] == 0xF0 && s[1] < 0x90;
        bool beyond = s[0] == 0xF4 && s[1] > 0x8F;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

static void put_quoted(struct evidence_line *line, const char *value)
{
    const unsigned char *s = (const unsigned char *)value;

    put(line, "\"", 1);
    while (*s != '\0') {
        size_t sequence = utf8_sequence(s);
        char escaped[8];
        if (line->length > sizeof line->text - 160) {
            put_string(line, "[cut]");
            break;
        }
        if (sequence == 0) {
            put_string(line, "\\ufffd");
            s++;
        } else if (*s == '"' || *s == '\\') {
            escaped[0] = '\\';
            escaped[1] = (char)*s++;
            put(line, escaped, 2);
        } else if (*s < 0x20 || *s == 0x7F) {
            snprintf(escaped, sizeof escaped, "\\u%04x", *s++);
            put_string(line, escaped);
        } else {
            put(line, (const char *)s, sequence);
            s += sequence;
        }
    }
    put(line, "\"", 1);
}

/* A line that has no room left loses whole fields, never half of one. */
static bool has_room(const struct evidence_line *line)
{
    return line->length < sizeof line->text - 512;
}

static void put_key(struct evidence_line *line, const char *key)
{
    if (!line->first) {
        put(line, ",", 1);
    }
    line->first = false;
    if (key != NULL) {
        put_quoted(line, key);
        put(line, ":", 1);
    }
}

void evidence_begin(struct evidence_line *line, const char *event)
{
    line->event = event;
    line->length = 0;
    line->first = false;
    line->essential = false;
}

void evidence_text(struct evidence_line *line, const char *key, const char *value)
{
    if (!has_room(line)) {
        return;
    }
    put_key(line, key);
    if (value == NULL) {
        put_string(line, "null");
    } else {
        put_quoted(line, value);
    }
}

void evidence_format(struct evidence_line *line, const char *key, const char *format, ...)
{
    char value[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    evidence_text(line, key, value);
}

void evidence_number(struct evidence_line *line, const char *key, int64_t value)
{
    char digits[32];

    if (!has_room(line)) {
        return;
    }
    put_key(line, key);
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    put_string(line, digits);
}

void evidence_flag(struct evidence_line *line, const char *key, bool value)
{
    if (!has_room(line)) {
        return;
    }
    put_key(line, key);
    put_string(line, value ? "true" : "false");
}

void evidence_null(struct evidence_line *line, const char *key)
{
    evidence_text(line, key, NULL);
}

void evidence_open_object(struct evidence_line *line, const char *key)
{
    put_key(line, key);
    put(line, "{", 1);
    line->first = true;
}

static void put_closing(struct evidence_line *line, char bracket)
{
    if (line->length + 1 < sizeof line->text) {
        line->text[line->length++] = bracket;
    }
    line->first = false;
}

void evidence_close_object(struct evidence_line *line)
{
    put_closing(line, '}');
}

void evidence_open_list(struct evidence_line *line, const char *key)
{
    put_key(line, key);
    put(line, "[", 1);
    line->first = true;
}

void evidence_list_text(struct evidence_line *line, const char *value)
{
    if (!has_room(line)) {
        return;
    }
    put_key(line, NULL);
    put_quoted(line, value);
}

void evidence_close_list(struct evidence_line *line)
{
    put_closing(line, ']');
}

static bool take_turn(void)
{
    int64_t asked = evidence_now();

    while (InterlockedCompareExchange(&turn, 1, 0) != 0) {
        if (evidence_now() - asked > TURN_MS * 1000) {
            return false;
        }
        SwitchToThread();
    }
    return true;
}

static int64_t share_of(const struct evidence_line *line)
{
    if (strcmp(line->event, "verdict") == 0 || strcmp(line->event, "guard") == 0) {
        return whole_share;
    }
    return line->essential ? essential_share : ordinary_share;
}

void evidence_end(struct evidence_line *line)
{
    char whole[EVIDENCE_LINE_SIZE + 512];
    char name[32];
    DWORD error = GetLastError();
    bool held = take_turn();
    /* A thread of the provider's may come by after the verdict, which nothing but a crash undoes.
     */
    bool comes_too_late = has_verdict && strcmp(line->event, "guard") != 0;

    if (!comes_too_late && bytes_written + (int64_t)line->length + 512 < share_of(line)) {
        DWORD written;
        int head = snprintf(whole, sizeof whole,
                            "{\"n\":%lld,\"run\":\"%s\",\"t\":%lld,\"thread\":\"%s\","
                            "\"event\":\"%s\"",
                            (long long)++lines_written, run_token, (long long)evidence_now(),
                            evidence_thread_name(name, sizeof name), line->event);
        size_t length = (size_t)head;
        memcpy(whole + length, line->text, line->length);
        length += line->length;
        whole[length++] = '}';
        whole[length++] = '\n';
        WriteFile(output, whole, (DWORD)length, &written, NULL);
        bytes_written += (int64_t)length;
        has_verdict = has_verdict || strcmp(line->event, "verdict") == 0;
    }
    if (held) {
        InterlockedExchange(&turn, 0);
    }
    SetLastError(error);
}

void evidence_note(const char *topic, const char *format, ...)
{
    struct evidence_line line;
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    evidence_begin(&line, "note");
    evidence_text(&line, "topic", topic);
    evidence_text(&line, "text", text);
    evidence_end(&line);
}
