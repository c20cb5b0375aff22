/**
 * Makes the world that a build sees: the programs of this machine, the folder of the build as `/work`, fresh `/proc`, `/dev` and
 * `/tmp`, and nothing else of the disk. Runs as root of a user namespace of its own, in the folder of the build; its arguments
 * are the kind of network, the number of folders that are shown besides (read-only), these folders, and the command.
 *
 * Paths are never walked from the root: the data directory is closed to this user, its current folder is what it has.
 */
export const sandboxScript = `set -e
network=$1
shift
shown=$1
shift
index=0
while [ "$index" -lt "$shown" ]; do
  mkdir -p ".shown/$index"
  mount -c --rbind "$1" ".shown/$index"
  index=$((index + 1))
  eval "folder_$index=\\$1"
  shift
done
mount -t tmpfs -o mode=755 tmpfs /tmp
mkdir /tmp/work
mount -c --rbind . /tmp/work
cd /tmp
mkdir -p usr etc proc dev/pts dev/shm sys tmp run old var/tmp root
chmod 1777 tmp var/tmp dev/shm
for d in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$d" ]; then cp -P "/$d" "$d"
  elif [ -d "/$d" ]; then mkdir "$d"; mount --rbind "/$d" "$d"; fi
done
mount --rbind /usr usr
for f in ssl pki ca-certificates crypto-policies alternatives passwd group nsswitch.conf resolv.conf hosts \\
  services protocols localtime ld.so.cache ld.so.conf ld.so.conf.d; do
  if [ -d "/etc/$f" ]; then mkdir "etc/$f"; mount --rbind "/etc/$f" "etc/$f"
  elif [ -r "/etc/$f" ]; then cat "/etc/$f" > "etc/$f"; fi
done
for f in null zero full random urandom tty; do
  : > "dev/$f"
  mount --bind "/dev/$f" "dev/$f"
done
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t proc proc proc
mount -t sysfs sysfs sys 2>/dev/null || mount --rbind /sys sys
if [ "$network" = private ]; then
  echo nameserver 10.0.2.3 > etc/resolv.conf
  tries=0
  until grep -q tap0 proc/self/net/route; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { echo 'the network of the build did not come up' >&2; exit 1; }
    sleep 0.05
  done
  ip route add blackhole 169.254.0.0/16 2>/dev/null || true
fi
while [ "$shown" -gt 0 ]; do
  eval "folder=\\$folder_$shown"
  shown=$((shown - 1))
  mkdir -p ".$folder"
  mount --rbind "work/.shown/$shown" ".$folder"
  mount -o remount,bind,ro ".$folder" 2>/dev/null || true
done
pivot_root . old
cd /
umount -l /old
rmdir /old
exec "$@"
`

/** Waits until its user namespace has its users, then goes on in namespaces of its own that end with it. */
export const enterScript = `read go || exit 1
exec setpriv --pdeathsig KILL unshare --mount --pid --ipc --uts $0 --fork --kill-child sh -c "$@"
`
