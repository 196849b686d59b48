/** The shell functions that a script calls. */
export const functions = `
# Asks until there is an answer: variable, name, and "secret" when it must not be seen.
ask() {
  local -n given=$1
  while [ -z "$given" ]; do
    read -r \${3:+-s} -p "$2: " given
    [ -z "\${3-}" ] || echo
  done
}

# A text of that many letters, of that alphabet.
pick() {
  local text=
  while [ \${#text} -lt "$1" ]; do text+=\${2:$((0x$(openssl rand -hex 6) % \${#2})):1}; done
  printf %s "$text"
}

# Makes on Cloud Run what $BODY says, and waits for it: collection, parameter, name.
make() {
  local answer name where=https://run.googleapis.com/v2
  local headers=(-H "Authorization: Bearer $(gcloud auth print-access-token)" -H "Content-Type: application/json")
  answer=$(curl -sS --fail-with-body "\${headers[@]}" --data-binary "@$BODY" \\
    "$where/projects/$PROJECT/locations/$REGION/$1?$2=$3")
  name=$(jq -r .name <<<"$answer")
  until [ "$(jq -r '.done // false' <<<"$answer")" = true ]; do
    sleep 3
    answer=$(curl -sS --fail-with-body "\${headers[@]}" "$where/$name")
  done
  jq -e '.error == null' <<<"$answer" >/dev/null || { jq .error <<<"$answer" >&2; return 1; }
}`.split("\n");
