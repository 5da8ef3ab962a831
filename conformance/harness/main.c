/*
 * wspcts.exe: runs one case of the conformance suite on one provider (docs/protocol.md). Exactly
 * one case a process, so that whatever a provider does to it touches no other.
 */
#include "harness/case.h"
#include "harness/catalog.h"
#include "harness/evidence.h"
#include "harness/guard.h"
#include "harness/network.h"
#include "version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: wspcts.exe --provider DLL --case ID [--mode direct|ws2_32|no-callback] [--seed N]\n"
    "                  [--set KEY=VALUE]... [--debug]\n"
    "       wspcts.exe --list       the cases, one JSON object a line\n"
    "       wspcts.exe --catalog    the Winsock catalog, one JSON object a line\n"
    "       wspcts.exe --provider DLL --set network.... --network-up\n"
    "       wspcts.exe --version\n"
    "\n"
    "Runs exactly one case in one mode and writes its evidence to standard output;\n"
    "--network-up only brings up the provider's network, where a case has left it down.\n"
    "Exit codes: 0 pass or warn, 1 fail, 77 inconclusive or not applicable, 86 crash, 99 error,\n"
    "124 hang. docs/protocol.md describes the evidence and the keys of --set.\n";

static struct case_item chosen;

static void __attribute__((noreturn)) refuse(const char *sentence)
{
    fprintf(stderr, "wspcts: %s\n", sentence);
    exit(EXIT_BROKEN);
}

static const char *utf8(const wchar_t *wide)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text = malloc((size_t)size);

    WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL);
    return text;
}

static const char *value_of(int argc, wchar_t **argv, int *i)
{
    char sentence[200];

    if (*i + 1 >= argc) {
        snprintf(sentence, sizeof sentence, "%ls needs a value; see --help", argv[*i]);
        refuse(sentence);
    }
    return utf8(argv[++*i]);
}

struct arguments {
    const char *case_id;
    bool mode_given;
    bool network_up;
};

static void take_mode(struct arguments *arguments, const char *value)
{
    char sentence[200];

    if (!settings_mode_by_name(value, &settings.mode)) {
        snprintf(sentence, sizeof sentence,
                 "there is no mode %s; there are direct, ws2_32 and no-callback", value);
        refuse(sentence);
    }
    arguments->mode_given = true;
}

static void take_arguments(int argc, wchar_t **argv, struct arguments *arguments)
{
    char sentence[512];

    for (int i = 1; i < argc; i++) {
        if (wcscmp(argv[i], L"--provider") == 0) {
            value_of(argc, argv, &i);
            settings.provider_path = argv[i];
        } else if (wcscmp(argv[i], L"--case") == 0) {
            arguments->case_id = value_of(argc, argv, &i);
        } else if (wcscmp(argv[i], L"--mode") == 0) {
            take_mode(arguments, value_of(argc, argv, &i));
        } else if (wcscmp(argv[i], L"--seed") == 0) {
            settings.seed = (unsigned)strtoul(value_of(argc, argv, &i), NULL, 10);
        } else if (wcscmp(argv[i], L"--set") == 0) {
            if (!settings_set(value_of(argc, argv, &i), sentence, sizeof sentence)) {
                refuse(sentence);
            }
        } else if (wcscmp(argv[i], L"--network-up") == 0) {
            arguments->network_up = true;
        } else if (wcscmp(argv[i], L"--debug") == 0) {
            settings.debug = true;
        } else {
            snprintf(sentence, sizeof sentence, "%ls is no option; see --help", argv[i]);
            refuse(sentence);
        }
    }
}

static void choose_case(const struct arguments *arguments)
{
    char sentence[300];

    if (settings.provider_path == NULL || arguments->case_id == NULL) {
        refuse("--provider and --case are needed to run a case; see --help");
    }
    if (!case_by_id(arguments->case_id, &chosen)) {
        snprintf(sentence, sizeof sentence, "there is no case %s; --list names them",
                 arguments->case_id);
        refuse(sentence);
    }
    if (!arguments->mode_given) {
        settings.mode = case_modes(&chosen) & MODE_DIRECT   ? MODE_DIRECT
                        : case_modes(&chosen) & MODE_WS2_32 ? MODE_WS2_32
                                                            : MODE_NO_CALLBACK;
    }
    if ((case_modes(&chosen) & settings.mode) == 0) {
        snprintf(sentence, sizeof sentence, "the case %s is not driven in mode %s",
                 arguments->case_id, drive_mode_name(settings.mode));
        refuse(sentence);
    }
}

/* As the orchestration has it: a case of the group endurance waits up to the budget `late`. */
static void lengthen_deadline(void)
{
    if (case_group(&chosen) == GROUP_ENDURANCE) {
        settings.budgets.whole = settings.budgets.late + 4 * settings.budgets.whole;
    }
}

static int verdict_exit_code = EXIT_BROKEN;

static void run_chosen(void)
{
    verdict_exit_code = case_run(&chosen);
}

int wmain(int argc, wchar_t **argv);

int wmain(int argc, wchar_t **argv)
{
    struct arguments arguments = {0};
    char sentence[900];

    settings_set_defaults();
    if (argc == 2 && wcscmp(argv[1], L"--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc == 2 && wcscmp(argv[1], L"--version") == 0) {
        puts("wspcts " WSPCTS_VERSION);
        return 0;
    }
    if (argc == 2 && wcscmp(argv[1], L"--list") == 0) {
        case_list();
        return 0;
    }
    if (argc == 2 && wcscmp(argv[1], L"--catalog") == 0) {
        return catalog_list();
    }
    take_arguments(argc, argv, &arguments);
    if (arguments.network_up) {
        if (settings.provider_path == NULL || !network_bring_up_alone(sentence, sizeof sentence)) {
            refuse(settings.provider_path == NULL ? "--network-up needs --provider" : sentence);
        }
        return 0;
    }
    choose_case(&arguments);
    lengthen_deadline();
    if (IsDebuggerPresent()) {
        settings.debug = true;
    }
    if (!evidence_take_standard_output(settings.run)) {
        refuse("standard output cannot be written to");
    }
    guard_install();
    peers_start();
    guard_run(run_chosen);
    guard_leave((enum exit_code)verdict_exit_code);
}
