#!/bin/sh
# Certificates for mutual TLS between an issuer and its remote notary, for those who run no
# authority of their own: one authority, one server, and one folder for each client named.
#
#   make-certificates.sh FOLDER SERVER_NAME [CLIENT...]
#
# Leaves FOLDER/authority (keep its key offline), FOLDER/server and FOLDER/CLIENT (default: issuer),
# the last two with certificate.pem, key.pem and authority.pem. Prints each client's fingerprint.
set -eu
umask 077
[ $# -ge 2 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1 server=$2
shift 2
[ $# -gt 0 ] || set -- issuer
days=${CERTIFICATE_DAYS:-397}
case $server in
  *:* | *[0-9].*[0-9].*[0-9].*[0-9]) name="IP:$server" ;;
  *) name="DNS:$server" ;;
esac

new_key() {
  mkdir -p "$(dirname "$1")"
  [ ! -e "$1" ] || { echo "make-certificates: $1 is there already" >&2; exit 1; }
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null
}

new_key "$folder/authority/key.pem"
openssl req -x509 -new -key "$folder/authority/key.pem" -days "$days" \
  -subj "/CN=countersign notary authority" -out "$folder/authority/certificate.pem" \
  -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign'

# issue FOLDER COMMON_NAME PURPOSE ALTERNATIVE_NAME
issue() {
  new_key "$1/key.pem"
  openssl req -new -key "$1/key.pem" -subj "/CN=$2" -out "$1/request.pem"
  printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=%s\nsubjectAltName=%s\n' \
    "$3" "$4" > "$1/extensions"
  openssl x509 -req -in "$1/request.pem" -CA "$folder/authority/certificate.pem" \
    -CAkey "$folder/authority/key.pem" -set_serial "0x$(openssl rand -hex 16)" -days "$days" \
    -extfile "$1/extensions" -out "$1/certificate.pem" 2>/dev/null
  rm "$1/request.pem" "$1/extensions"
  cp "$folder/authority/certificate.pem" "$1/authority.pem"
}

issue "$folder/server" "$server" serverAuth "$name"
for client in "$@"; do
  issue "$folder/$client" "$client" clientAuth "DNS:$client"
  fingerprint=$(openssl x509 -in "$folder/$client/certificate.pem" -noout -fingerprint -sha256 |
    sed 's/.*=//; s/://g' | tr 'A-F' 'a-f')
  echo "$client $fingerprint"
done
