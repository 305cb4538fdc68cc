# Completion of `entente` for bash. What there is to complete the program itself tells.

# The scenario or output file among the words, on which names depend.
_entente_file() {
    local word
    for word in "${COMP_WORDS[@]:1}"; do
        [[ $word == *.@(yaml|yml|h5) && -f $word ]] && printf '%s' "$word" && return
    done
}

# What an option, or a command's further argument, names.
_entente_names() {
    case $1 in
    --variant | --options) echo variants ;;
    --without) echo calendar ;;
    --quantity | --precision | --choose) echo quantities ;;
    --set | --param | --keep) echo parameters ;;
    --tie) echo ties ;;
    --only) echo actors ;;
    -k | --kind) echo kinds ;;
    compare | choose | discover | attribute | rare) echo quantities ;;
    esac
}

_entente() {
    local word=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} command= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} != -* ]]; then
            command=${COMP_WORDS[i]}
            break
        fi
    done
    COMPREPLY=()
    if [[ -z $command || $command == help ]]; then
        COMPREPLY=($(compgen -W "$("$program" --help 2>/dev/null |
            sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p') --help --version" -- "$word"))
        return
    fi
    # "--variant=NAME" is three words where = breaks words.
    local before=${COMP_WORDS[COMP_CWORD - 1]} what= file
    if [[ $word == = ]]; then
        what=$(_entente_names "$before") word=
    elif [[ $before == = ]]; then
        what=$(_entente_names "${COMP_WORDS[COMP_CWORD - 2]}")
    elif [[ $before == -* ]]; then
        what=$(_entente_names "$before")
    elif [[ $word != -* && -n $(_entente_file) ]]; then
        what=$(_entente_names "$command")
    fi
    file=$(_entente_file)
    if [[ -n $what && -n $file ]]; then
        COMPREPLY=($(compgen -W "$("$program" show --names "$what" "$file" 2>/dev/null)" -- "$word"))
        [[ $what == parameters ]] && compopt -o nospace 2>/dev/null
    elif [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$("$program" "$command" --help 2>/dev/null |
            sed -n 's/^ \{2,6\}\(-., \)\{0,1\}\(--[a-z-]*=\{0,1\}\).*/\2/p')" -- "$word"))
        [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
    elif [[ $command != new ]]; then
        compopt -o filenames 2>/dev/null
        COMPREPLY=($(compgen -d -- "$word") $(compgen -f -X '!*.@(yaml|yml|h5|csv)' -- "$word"))
    fi
}
shopt -s extglob
complete -F _entente entente
