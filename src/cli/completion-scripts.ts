/** What each shell runs when a key is pressed: it asks us, with the words so far. */
export const completionScripts = {
  bash: String.raw`# Completion of tiercel for bash. In ~/.bashrc: source <(tiercel completion bash)
_tiercel() {
  local reply
  COMPREPLY=()
  while IFS= read -r reply; do
    if [[ $reply == :files ]]; then
      compopt -o default
      return
    fi
    COMPREPLY+=("$reply")
  done < <("$1" complete bash -- "\${COMP_LINE:0:COMP_POINT}" "\${COMP_WORDS[COMP_CWORD]}" 2>/dev/null)
}
complete -F _tiercel tiercel
`.replaceAll(String.raw`\$`, '$'),

  zsh: String.raw`#compdef tiercel
# Completion of tiercel for zsh. Once: tiercel completion zsh > "\${fpath[1]}/_tiercel"; or in ~/.zshrc, behind compinit:
# source <(tiercel completion zsh)
_tiercel() {
  local -a replies shown
  local reply description
  while IFS=$'\t' read -r reply description; do
    if [[ $reply == :files ]]; then
      _files
      return
    fi
    replies+=("$reply")
    shown+=("$reply\${description:+  -- $description}")
  done < <("\${words[1]}" complete words -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  compadd -l -d shown -a replies
}
if [[ "\${funcstack[1]}" == _tiercel ]]; then
  _tiercel "$@"
else
  compdef _tiercel tiercel
fi
`.replaceAll(String.raw`\$`, '$'),

  fish: String.raw`# Completion of tiercel for fish. Once: tiercel completion fish > ~/.config/fish/completions/tiercel.fish
function __tiercel_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l replies ($words[1] complete words -- $words[2..-1] "$current" 2>/dev/null)
    if test "$replies[1]" = ":files"
        __fish_complete_path "$current"
    else if test (count $replies) -gt 0
        printf '%s\n' $replies
    end
end
complete -c tiercel -f -a '(__tiercel_complete)'
`,
} as const

export type Shell = keyof typeof completionScripts
