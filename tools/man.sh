#!/bin/sh
# Writes the manual page of the program on standard output, from what the program says of itself.
#
#   tools/man.sh build/release/entente >entente.1
set -eu
entente=${1:?usage: tools/man.sh PROGRAM}

# Text as roff takes it: no backslash, hyphens that can be copied, no dot or quote that begins a request.
plain() {
    sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"
}
commands=$("$entente" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')

cat <<EOF
.TH ENTENTE 1 "" "$("$entente" --version | sed -n '1s/ (.*//p')" "User Commands"
.SH NAME
entente \- simulate diplomatic and trade ties between countries
.SH SYNOPSIS
.B entente
.I COMMAND
.RI [ OPTION ...]
.RI [ ARGUMENT ...]
.SH DESCRIPTION
Simulates diplomatic and trade ties between countries as discrete events, in many replicates. A scenario describes the
actors, their ties, the calendar, the event types and their rates, the uncertain parameters, and the
variants to be compared. Results are written to one HDF5 file.
.SH COMMANDS
EOF
for command in $commands; do
    printf '.SS entente %s\n.nf\n' "$command"
    "$entente" "$command" --help | plain
    printf '.fi\n'
done
cat <<'EOF'
.SH OPTIONS THAT MEET
An option that takes one value may be given twice with the same value only; values of options that may be repeated add up.
The program rejects options that contradict each other. No command writes to a file that it reads. An input file may be
.BR \- ,
standard input.
.SH EXIT STATUS
.TP
0
Success; for
.BR check ,
the scenario is valid.
.TP
64
The command line is invalid, or options contradict each other.
.TP
65
The scenario or its data are invalid.
.TP
66
An input file cannot be read.
.TP
70
An error of the program, or no memory left.
.TP
73, 74
An output file cannot be created, or is an input or a file of another type; reading or writing failed.
.TP
75
Interrupted; the same command continues.
.SH EXAMPLES
.nf
entente new mine
entente check mine.yaml
entente run mine.yaml \-o mine.h5
entente compare mine.h5
entente report mine.h5 \-o mine.html
.fi
EOF
