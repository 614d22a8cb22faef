@echo off
rem Runs the polyseme command line: builds it where that is needed, and finds a JDK 25.
setlocal enabledelayedexpansion
set "HOME_DIR=%~dp0"
set "JDK="
for %%D in ("%JAVA_HOME%") do call :try %%D
for /d %%D in ("%ProgramFiles%\Eclipse Adoptium\jdk-*" "%ProgramFiles%\Java\jdk-*" "%ProgramFiles%\Microsoft\jdk-*" "%USERPROFILE%\.jdks\*") do call :try "%%~D"
if not defined JDK (
  echo polyseme: a JDK 25 or newer is needed and was not found. Install one, or set JAVA_HOME to it. 1>&2
  exit /b 1
)
rem POLYSEME_GPU=1 builds with the ONNX Runtime for CUDA, POLYSEME_GPU=0 without; else it stays as it is.
set "BUILT="
if exist "%HOME_DIR%target\launcher.stamp" set /p BUILT=<"%HOME_DIR%target\launcher.stamp"
set "RUNTIME=%BUILT%"
if not defined RUNTIME set "RUNTIME=cpu"
if "%POLYSEME_GPU%"=="1" set "RUNTIME=gpu"
if "%POLYSEME_GPU%"=="0" set "RUNTIME=cpu"
set "PROFILE="
if "%RUNTIME%"=="gpu" set "PROFILE=-Pgpu"
if not "%RUNTIME%"=="%BUILT%" (
  echo polyseme: building ^(the first time it fetches some 350 MB of libraries and models^) ... 1>&2
  if not exist "%HOME_DIR%target" mkdir "%HOME_DIR%target"
  pushd "%HOME_DIR%"
  call mvn -B %PROFILE% -Dmaven.test.skip=true -Dexec.skip=true package > "%HOME_DIR%target\launcher-build.log" 2>&1
  if errorlevel 1 (
    popd
    echo polyseme: the build failed; all that it said is in "%HOME_DIR%target\launcher-build.log" 1>&2
    exit /b 1
  )
  popd
  >"%HOME_DIR%target\launcher.stamp" echo %RUNTIME%
)
if not defined RUST_FLAVOR set RUST_FLAVOR=cpu
if not defined OPT_OUT_TRACKING set OPT_OUT_TRACKING=true
if not defined ORT_DISABLE_TELEMETRY set ORT_DISABLE_TELEMETRY=1
chcp 65001 >nul
for %%J in ("%HOME_DIR%target\polyseme-*.jar") do set "JAR=%%~J"
"%JDK%\bin\java" --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 %POLYSEME_JAVA_OPTS% -cp "%JAR%;%HOME_DIR%target\lib\*" io.polyseme.cli.Main %*
exit /b %errorlevel%

:try
if defined JDK exit /b 0
if not exist "%~1\bin\java.exe" exit /b 0
for /f "tokens=2 delims==" %%V in ('findstr /b JAVA_VERSION= "%~1\release" 2^>nul') do (
  for /f "tokens=1 delims=." %%M in ("%%~V") do if %%M geq 25 set "JDK=%~1"
)
exit /b 0
