@echo off
rem Certifies a provider on Windows; certify.cmd --help says how, docs\windows.md what it needs.
rem WSPCTS_PYTHON names another Python than the first one in PATH.
setlocal
if not defined WSPCTS_PYTHON set "WSPCTS_PYTHON=python"
"%WSPCTS_PYTHON%" "%~dp0conformance" %*
exit /b %ERRORLEVEL%
