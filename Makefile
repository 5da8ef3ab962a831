# The front door. Everything made lands under build/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

JOBS ?= $(shell nproc)
# The tests mostly wait, for calls that block and for processes that start.
TESTS_AT_A_TIME ?= $(shell expr 2 '*' $(JOBS))
PROVIDER ?=
export PROVIDER

# V=1 shows the commands instead of one short line for each.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

# A path that is not found from here was meant from where the caller stands: with
# `make -C`, only the caller's shell still knows where that was.
define resolve_provider
if [ -n "$$PROVIDER" ] && [ ! -e "$$PROVIDER" ] && [ -e "$${PWD_OF_CALLER:-.}/$$PROVIDER" ]; then \
    PROVIDER=$$PWD_OF_CALLER/$$PROVIDER; \
fi
endef
export PWD_OF_CALLER := $(PWD)

# --- What a user types -------------------------------------------------------

.PHONY: help
help: ## Prints this help.
	@echo 'usage: make TARGET, or make PROVIDER=path/to/vendor.dll certify'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile \
	    | while IFS='|' read -r target sentence; do printf '  %-11s %s\n' "$$target" "$$sentence"; done

.PHONY: certify
certify: ## Sets up, builds and certifies PROVIDER (a DLL, a provider.toml or a name; default: the reference provider).
	$(Q)$(call one_build_at_a_time,what-certifies)
	$(Q)$(resolve_provider); scripts/certify $${PROVIDER:+"$$PROVIDER"}

.PHONY: check
check: ## Sets up, builds and runs the tests: all but those that take hours or measure a time.
	$(Q)scripts/setup --tests
	$(Q)$(build_all)
	$(Q). scripts/environment; exec "$$WSPCTS_PYTHON" -m pytest -n $(TESTS_AT_A_TIME) \
	    -m "not whole_runs and not timed$$([ -f build/axe/complete ] || echo ' and not axe')"

.PHONY: browser
browser: ## Tries the HTML report in headless Chromium, with axe-core; sets both up.
	$(Q)scripts/setup --browser
	$(Q). scripts/environment; exec "$$WSPCTS_PYTHON" -m pytest -m browser reports/tests/test_browser.py

.PHONY: all
all: ## Builds everything for x86_64; for x86 the harness, its tests and the reference provider.

.PHONY: everything
everything: ## Builds the flawed, hostile, degenerate and conforming providers for x86, too, where no test runs them.

.PHONY: setup
setup: ## Sets up what is missing: Debian packages (as root), the Check library, the Wine prefix.
	$(Q)scripts/setup

.PHONY: lint
lint: ## Checks format, C, Python, scripts, the arrows between the rooms, and hygiene.
	$(Q)scripts/setup --lint
	$(Q)$(call one_build_at_a_time,--keep-going --output-sync=target lint-everything)

.PHONY: format
format: ## Formats all C sources the one way.
	$(Q)scripts/setup --lint
	$(Q)$(if $(FORMATTED),clang-format -i $(FORMATTED))

.PHONY: detection
detection: ## Measures which flawed providers the suite catches, and that it fails no conforming one (FULL=1: all cases on all).
	$(Q)$(build_all)
	$(Q)scripts/detection --repeats 20 $(if $(FULL),--full)

.PHONY: dist
dist: ## Packs the zip that a vendor takes to Windows: build/dist/wspcts-VERSION.zip.
	$(Q)$(build_all)
	$(Q). scripts/environment; exec "$$WSPCTS_PYTHON" scripts/dist

.PHONY: bench
bench: ## Measures what a case and a whole run cost, as ratios.
	$(Q)$(build_all)
	$(Q)scripts/bench

.PHONY: clean
clean: ## Removes what was built, and keeps what was set up.
	$(Q)rm -rf -- build/x86_64 build/x86 build/generated build/lint build/certify build/dist

.PHONY: distclean
distclean: ## Removes everything that was made, the set-up included.
	$(Q)if [ -d build/wine-prefix ]; then . scripts/environment; "$$WSPCTS_WINESERVER" -k || true; fi
	$(Q)rm -rf -- build

# Two commands started together build the same files: the second waits for the
# first. A job server that is already there is used, or there is one of our own.
one_build_at_a_time = +mkdir -p build && exec flock --close build/make.lock \
    $(MAKE) $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS)) $(1)
build_all = $(call one_build_at_a_time,all)

# --- Flags -------------------------------------------------------------------

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
    -Wmissing-prototypes -Wvla -Werror
# Nothing built holds the path or the time it was built at, so that the same
# sources give the same provider, byte for byte.
c_flags := -std=c11 -O2 -g -fno-omit-frame-pointer '-ffile-prefix-map=$(CURDIR)=.' $(warnings)
defines := -D_WIN32_WINNT=0x0601 -DUNICODE -D_UNICODE
# Sections that begin on a page of the file are mapped; Wine reads others whole, symbols included,
# in every process.
link_flags := -Wl,--no-insert-timestamp,--file-alignment=0x1000

triplet_x86_64 := x86_64-w64-mingw32
triplet_x86 := i686-w64-mingw32

# What nearly every source includes is read once for each architecture, which takes a seventh of the
# time. A source includes what it uses all the same: clang-tidy reads it without this.
system_headers := winsock2.h ws2tcpip.h ws2spi.h windows.h
precompiled = -include build/$(1)/system.h

# A provider cannot include anything of the harness, because it is not told where that is.
includes_conformance = -Iconformance -Ibuild/generated -isystem build/check/$(1)/include
includes_providers = -Iproviders

# --- Sources: a file that is added is built ----------------------------------

harness := $(wildcard conformance/harness/*.c)
cases := $(wildcard conformance/cases/*/*.c)
harness_tests := $(wildcard conformance/harness/tests/*.c)
measure := $(wildcard conformance/bench/*.c)
reference := $(wildcard providers/reference/*.c)
apart := $(wildcard providers/apart/*.c)
flawed := $(wildcard providers/flawed/*.c)
flawed_support := $(wildcard providers/flawed/support/*.c)
variants := $(wildcard providers/variants/*.c)
variants_support := $(wildcard providers/variants/support/*.c)
hostile := $(wildcard providers/hostile/*.c)
hostile_but_right := $(shell grep --files-with-matches '"reference/reference.h"' $(hostile) /dev/null)
degenerate := $(wildcard providers/degenerate/*.c)
degenerate_support := $(wildcard providers/degenerate/support/*.c)

sources := $(harness) $(cases) $(harness_tests) $(measure) $(reference) $(apart) \
    $(flawed) $(flawed_support) $(variants) $(variants_support) $(hostile) $(degenerate) $(degenerate_support)
FORMATTED = $(sort $(sources) $(shell find conformance providers -name '*.[ch]' 2>/dev/null))

exports := providers/reference/reference.def

# --- Rules for one architecture ----------------------------------------------

# The objects of a program are listed in a file that changes only when the list
# does: a source that is removed must leave the program, too.
define list_rule
$(1).objects: force
	@mkdir -p $$(@D); printf '%s\n' $(2) | cmp --silent - $$@ || printf '%s\n' $(2) >$$@
endef

define program_rule
$(1): $(2) $(1).objects
	$$(call say,LINK,$(1))
	$$(Q)$(3)
$(call list_rule,$(1),$(2))
endef

objects = $(patsubst %.c,build/$(1)/obj/%.o,$(2))

define layered_rule
build/$(1)/providers/$(2)/%.dll: build/$(1)/obj/providers/$(2)/%.o \
    build/$(1)/providers/$(2).objects $(3) $(exports)
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(call link_dll,$(1),$$< @build/$(1)/providers/$(2).objects,$(exports))
$(call list_rule,build/$(1)/providers/$(2),$(3))
endef
beneath_a_layer := $(filter-out %/entry.c,$(reference))
flawed_objects = $(call objects,$(1),$(beneath_a_layer) $(flawed_support))
variants_objects = $(call objects,$(1),$(beneath_a_layer) \
    $(filter %/layer.c %/messages.c %/partway.c,$(flawed_support)) \
    $(variants_support))
degenerate_objects = $(call objects,$(1),$(beneath_a_layer) \
    $(filter %/layer.c,$(flawed_support)) $(degenerate_support))

define architecture
products_$(1) := \
    $(if $(harness),build/$(1)/wspcts.exe) \
    $(if $(harness_tests),build/$(1)/harness_tests.exe) \
    $(if $(measure),build/$(1)/measure.exe) \
    $(if $(reference),build/$(1)/providers/reference.dll)
test_providers_$(1) := \
    $(if $(apart),build/$(1)/providers/apart.dll) \
    $(flawed:providers/%.c=build/$(1)/providers/%.dll) \
    $(variants:providers/%.c=build/$(1)/providers/%.dll) \
    $(hostile:providers/%.c=build/$(1)/providers/%.dll) \
    $(degenerate:providers/%.c=build/$(1)/providers/%.dll)

build/$(1)/system.h: Makefile | setup
	$$(Q)mkdir -p $$(@D)
	$$(Q)printf '#include <%s>\n' $$(system_headers) >$$@

build/$(1)/system.h.gch: build/$(1)/system.h
	$$(call say,CC,$$@)
	$$(Q)$(triplet_$(1))-gcc $$(c_flags) $$(defines) -x c-header $$< -o $$@

build/$(1)/obj/conformance/%.o: conformance/%.c build/$(1)/system.h.gch build/generated/version.h | setup
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(triplet_$(1))-gcc $$(c_flags) $$(defines) $$(call precompiled,$(1)) \
	    $$(call includes_conformance,$(1)) -MMD -MP -c $$< -o $$@

build/$(1)/obj/providers/%.o: providers/%.c build/$(1)/system.h.gch | setup
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(triplet_$(1))-gcc $$(c_flags) $$(defines) $$(call precompiled,$(1)) \
	    $$(includes_providers) -MMD -MP -c $$< -o $$@

$(call program_rule,build/$(1)/wspcts.exe,$(call objects,$(1),$(harness) $(cases)),\
    $(triplet_$(1))-gcc $$(link_flags) -municode -static @$$@.objects \
    build/check/$(1)/lib/libcheck.a -lpthread -lws2_32 -o $$@)

# From an archive, so that a test needs only the parts of the harness it calls,
# and not the cases which the registry lists.
$(call program_rule,build/$(1)/harness.a,$(call objects,$(1),$(filter-out %/main.c,$(harness))),\
    rm -f $$@; $(triplet_$(1))-ar rcs $$@ @$$@.objects)

$(call program_rule,build/$(1)/harness_tests.exe,$(call objects,$(1),$(harness_tests)),\
    $(triplet_$(1))-gcc $$(link_flags) -static @$$@.objects build/$(1)/harness.a \
    build/check/$(1)/lib/libcheck.a -lpthread -lws2_32 -o $$@)
build/$(1)/harness_tests.exe: build/$(1)/harness.a

$(call program_rule,build/$(1)/measure.exe,$(call objects,$(1),$(measure)),\
    $(triplet_$(1))-gcc $$(link_flags) -static @$$@.objects -lws2_32 -o $$@)

build/$(1)/wspcts.exe build/$(1)/harness_tests.exe: build/check/$(1)/lib/libcheck.a
build/check/$(1)/lib/libcheck.a: | setup ;

$(call program_rule,build/$(1)/providers/reference.dll,$(call objects,$(1),$(reference)),\
    $$(call link_dll,$(1),@$$@.objects,$(exports)))
build/$(1)/providers/reference.dll: $(exports)

$(call program_rule,build/$(1)/providers/apart.dll,$(call objects,$(1),$(apart)),\
    $$(call link_dll,$(1),@$$@.objects,$(exports)))
build/$(1)/providers/apart.dll: $(exports)

# Flawed, conforming and degenerate providers are the reference provider with a layer of their own.
$(call layered_rule,$(1),flawed,$(call flawed_objects,$(1)))
$(call layered_rule,$(1),variants,$(call variants_objects,$(1)))
$(call layered_rule,$(1),degenerate,$(call degenerate_objects,$(1)))

# A hostile provider is one file, and may export what it likes. One that has to come to the reference
# provider's verdict holds it: what shares the DLL with a copy of its own is not two libraries.
build/$(1)/providers/hostile/%.dll: build/$(1)/obj/providers/hostile/%.o \
    $(exports) $(wildcard providers/hostile/*.def)
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(call link_dll,$(1),$$(filter %.o,$$^),$$(or $$(wildcard providers/hostile/$$*.def),$(exports)))
$(hostile_but_right:providers/%.c=build/$(1)/providers/%.dll): $(call objects,$(1),$(beneath_a_layer))

-include $(patsubst %.o,%.d,$(call objects,$(1),$(sources)))
endef

comma := ,

# On x86 the compiler decorates WSPStartup as __stdcall asks for; the linker finds
# it under the plain name of the .def, and exports that name on both architectures.
undecorate_x86 := -Wl,--enable-stdcall-fixup,--kill-at
link_dll = $(triplet_$(1))-gcc $(link_flags) -shared -static-libgcc \
    -Wl,--exclude-all-symbols $(undecorate_$(1)) $(2) $(3) -lws2_32 -o $@

$(foreach arch,x86_64 x86,$(eval $(call architecture,$(arch))))

# --- Everything --------------------------------------------------------------

.PHONY: what-certifies
what-certifies: setup prune $(filter %/wspcts.exe %/reference.dll,$(products_x86_64) $(products_x86))

products := $(products_x86_64) $(products_x86) $(test_providers_x86_64)
all: setup $(products)
everything: all $(test_providers_x86)

# A provider whose source is gone would still be found, and certified, by its file.
stale := $(filter-out $(products) $(test_providers_x86),$(wildcard build/x86*/*.exe build/x86*/providers/*.dll build/x86*/providers/*/*.dll))
.PHONY: prune
all: prune
prune:
	$(if $(stale),$(Q)rm -f -- $(stale))

build/generated/version.h: VERSION Makefile
	$(Q)mkdir -p $(@D)
	$(Q)printf '#define WSPCTS_VERSION "%s"\n' "$$(cat VERSION)" >$@.new
	$(Q)if cmp --silent $@.new $@; then rm $@.new; else mv $@.new $@; fi

.PHONY: force
force:

# --- Lint --------------------------------------------------------------------

lint_stamps := $(sources:%.c=build/lint/%.tidy)
scripts_in = $(shell grep --files-with-matches --max-count=1 --extended-regexp '^\#!.*$(1)' scripts/* .ci/* 2>/dev/null)
python = $(wildcard conformance/__main__.py conformance/orchestration conformance/detection conformance/tests reports) $(call scripts_in,python)

.PHONY: lint-everything lint-format lint-arrows lint-python lint-shell
# What is quick comes first. For x86 the compiler's warnings are asked for, no DLL; those for x86_64
# come with the build.
lint-everything: lint-format lint-arrows lint-python lint-shell $(lint_stamps)

lint-format:
	$(if $(FORMATTED),$(Q)clang-format --dry-run --Werror $(FORMATTED))

lint-arrows:
	$(Q). scripts/environment; "$$WSPCTS_PYTHON" scripts/lint-arrows

lint-python:
	$(Q). scripts/environment; "$$WSPCTS_PYTHON" -m pyflakes $(python)
	$(Q). scripts/environment; "$$WSPCTS_PYTHON" -m mypy $(python)

lint-shell:
	$(Q)shellcheck --external-sources --source-path=SCRIPTDIR $(call scripts_in,sh$$) scripts/environment

# An object is made anew when its source or a header of it has changed, which is
# when it has to be looked at again. Those for x86 are made here anyway; the others
# are not needed.
build/lint/%.tidy: build/x86/obj/%.o .clang-tidy
	$(call say,TIDY,$*.c)
	$(Q)mkdir -p $(@D)
	$(Q)clang-tidy --quiet $*.c -- --target=$(triplet_x86_64) -std=c11 $(defines) \
	    $(if $(filter conformance/%,$*),$(call includes_conformance,x86_64),$(includes_providers)) 2>&1 \
	    | { grep -v '^[0-9]* warnings\? generated\.$$' || true; }
	$(Q)touch $@
