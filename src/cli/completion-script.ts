/**
 * The scripts that complete `segmentd` in bash, zsh and fish. A script holds no names: it asks `segmentd __complete`
 * (complete.ts) at each press of Tab, so it never needs to be printed again. It shows no error, whatever goes wrong.
 */
/** In place of candidates: the shell completes names of files, or of folders. */
export const FILES = ':files';
export const FOLDERS = ':folders';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** bash 3.2 and newer: no mapfile. What stands before the last sign of COMP_WORDBREAKS is not replaced, and left out by `__complete`. */
const BASH = `# segmentd: completion for bash
_segmentd() {
  local line cur=\${COMP_WORDS[COMP_CWORD]}
  [ "$cur" = "=" ] && cur=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      ${FILES} | ${FOLDERS})
        compopt -o filenames 2>/dev/null
        local kind=-f
        [ "$line" = ${FOLDERS} ] && kind=-d
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$kind" -- "$cur")
        return
        ;;
      *) COMPREPLY+=("$line") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete bash "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
}
complete -F _segmentd segmentd
`;

/** Works as a file of \`fpath\` and when it is sourced. */
const ZSH = `#compdef segmentd
# segmentd: completion for zsh
_segmentd() {
  local line
  local -a values shown
  [[ $PREFIX == --*=* ]] && compset -P '*='
  for line in "\${(@f)$("\${words[1]}" __complete zsh "\${(@)words[2,CURRENT-1]}" "\${words[CURRENT]}" 2>/dev/null </dev/null)}"; do
    case $line in
      '') ;;
      ${FILES}) _files; return ;;
      ${FOLDERS}) _files -/; return ;;
      *) values+=("\${line%%$'\\t'*}"); shown+=("\${line/$'\\t'/  }") ;;
    esac
  done
  (( $#values )) && compadd -l -d shown -a -- values
}
if [[ $funcstack[1] == _segmentd ]]; then
  _segmentd "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _segmentd segmentd
fi
`;

const FISH = `# segmentd: completion for fish
function __segmentd_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete fish $words[2..-1] "$current" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case ${FILES}
            __fish_complete_path "$current"
        case ${FOLDERS}
            __fish_complete_directories "$current"
        case '*'
            test (count $lines) -gt 0; and printf '%s\\n' $lines
    end
end
complete -c segmentd -f -a '(__segmentd_complete)'
`;

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
