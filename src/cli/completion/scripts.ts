// What each shell runs for `seqrun <Tab>`: it asks `seqrun complete` with the words typed so far. Pure.

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * The script of a shell, ending with a newline. `call` = words that start this seqrun, quoted for a POSIX shell; they are used where
 * no `seqrun` is on the PATH (an alias is none).
 */
export const completionScript = (shell: Shell, call: string): string => SCRIPTS[shell].replaceAll('@CALL@', () => call);

// Each answer is a line `word<Tab>what it means`; the last line says what the shell itself adds: `:files`, `:folders` or `:`.
const SCRIPTS: Record<Shell, string> = {
  bash: `# bash completion for seqrun. In ~/.bashrc: eval "$(seqrun completion bash)"
_seqrun_call() {
  if type -P seqrun >/dev/null; then command seqrun "$@"; else @CALL@ "$@"; fi
}
_seqrun() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" line word last=":"
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :*) last="$line" ;;
      *)
        word="\${line%%$'\\t'*}"
        COMPREPLY+=("$(printf '%q' "$word")")
        ;;
    esac
  done < <(_seqrun_call complete --shell bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [ "$cur" != "=" ] || cur=""
  case "$last" in
    :files) compopt -o filenames 2>/dev/null; while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur") ;;
    :folders) compopt -o filenames 2>/dev/null; while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$cur") ;;
  esac
}
complete -F _seqrun seqrun
`,
  zsh: `#compdef seqrun
# zsh completion for seqrun. In ~/.zshrc, after compinit: eval "$(seqrun completion zsh)"; or as a file _seqrun on the fpath.
_seqrun_call() {
  if whence -p seqrun >/dev/null; then command seqrun "$@"; else @CALL@ "$@"; fi
}
_seqrun() {
  local line last=":" 
  local -a lines described
  lines=("\${(@f)$(_seqrun_call complete --shell zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${lines[@]}"; do
    case "$line" in
      :*) last="$line" ;;
      ?*) described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( \${#described} )) && _describe -V 'seqrun' described
  case "$last" in
    :files) _files ;;
    :folders) _files -/ ;;
  esac
}
if [ "$funcstack[1]" = "_seqrun" ]; then _seqrun "$@"; else compdef _seqrun seqrun; fi
`,
  fish: `# fish completion for seqrun. In ~/.config/fish/config.fish: seqrun completion fish | source
function _seqrun_call
    if command -q seqrun
        command seqrun $argv
    else
        @CALL@ $argv
    end
end
function _seqrun
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    for line in (_seqrun_call complete --shell fish -- $words[2..-1] "$cur" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$cur"
            case ':folders'
                __fish_complete_directories "$cur"
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c seqrun -f -a '(_seqrun)'
`,
};
