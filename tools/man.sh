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
Simulates diplomatic and trade ties between countries as discrete events, many times over, from a scenario: the
actors, their ties, what is on the calendar, what kinds of thing happen and how often, what one is unsure of, and the
variants to be compared. Results go into one HDF5 file.
.SH COMMANDS
EOF
for command in $commands; do
    printf '.SS entente %s\n.nf\n' "$command"
    "$entente" "$command" --help | plain
    printf '.fi\n'
done
cat <<'EOF'
.SH OPTIONS THAT MEET
An option that takes one value may be given twice with the same value only; those that may be repeated add up. Options
that contradict each other are refused. What is written is never what the same command reads. A file that is read may be
.BR \- ,
standard input.
.SH EXIT STATUS
.TP
0
It was done; for
.BR check ,
the scenario is right.
.TP
64
The command line is wrong, or options contradict each other.
.TP
65
The scenario or its data are wrong.
.TP
66
An input file cannot be read.
.TP
70
A fault of the program, or no memory left.
.TP
73, 74
An output file cannot be created, or is an input or of another making; reading or writing failed.
.TP
75
Interrupted; the same command goes on where it stopped.
.SH EXAMPLES
.nf
entente new mine
entente check mine.yaml
entente run mine.yaml \-o mine.h5
entente compare mine.h5
python3 \-m entente report mine.h5 \-o mine.html
.fi
EOF
