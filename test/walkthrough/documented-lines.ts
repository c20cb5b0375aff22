/** The commands of the chapter on managing images in OpenShift's documentation, and what stands for them here. */
export interface DocumentedLine {
  /** As the chapter has it; what stands in parentheses it takes for granted. */
  line: string
  /** What we run: placeholders filled in, `docker` replaced by `skopeo`, which needs no daemon. */
  run: string
  /** In what is printed. */
  shows?: RegExp
}

const digest = '@sha256:[0-9a-f]{64}'
const dockerCredentials = `'{"auths":{"registry.example.com":{"auth":"cHVsbGVyOnNlY3JldC13b3Jk"}}}'`
const oldCredentials = `'{"registry.example.com":{"auth":"cHVsbGVyOnNlY3JldC13b3Jk"}}'`

export const documentedLines: readonly DocumentedLine[] = [
  {
    line: '(a cluster, a user, a project, an image)',
    run: `cp "$WEIR_DATA_DIR/admin.kubeconfig" kubeconfig; export KUBECONFIG=$PWD/kubeconfig
weir new-project demo-project
weir import-image ruby:2.0 --from=docker.io/openshift/ruby-20-centos7:2.0 --confirm`,
  },
  {
    line: 'oc tag <source> <destination>',
    run: 'weir tag ruby:2.0 ruby:copy',
    shows: new RegExp(`^Tag ruby:copy set to ruby${digest}\\.$`, 'm'),
  },
  {
    line: 'oc tag ruby:2.0 ruby:static-2.0',
    run: 'weir tag ruby:2.0 ruby:static-2.0',
    shows: new RegExp(`^Tag ruby:static-2\\.0 set to ruby${digest}\\.$`, 'm'),
  },
  {
    line: 'oc tag --alias=true <source> <destination>',
    run: 'weir tag --alias=true ruby:2.0 ruby:latest',
    shows: /^Tag ruby:latest set up to track ruby:2\.0\.$/m,
  },
  {
    line: '(the --scheduled=true flag)',
    run: 'weir tag --scheduled=true docker.io/openshift/ruby-20-centos7:2.0 ruby:nightly',
    shows: /^Tag ruby:nightly set to import docker\.io\/openshift\/ruby-20-centos7:2\.0 periodically\.$/m,
  },
  {
    line: '(the --reference flag)',
    run: 'weir tag --reference=true docker.io/openshift/ruby-20-centos7:2.0 ruby:reference',
    shows: /^Tag ruby:reference set to docker\.io\/openshift\/ruby-20-centos7:2\.0\.$/m,
  },
  {
    line: '(--reference-policy=local)',
    run: 'weir tag --reference-policy=local docker.io/openshift/ruby-20-centos7:2.0 ruby:local',
    shows: /^Tag ruby:local set to docker\.io\/openshift\/ruby-20-centos7:2\.0\.$/m,
  },
  {
    line: 'oc delete istag/ruby:latest',
    run: 'weir delete istag/ruby:latest',
    shows: /^imagestreamtag\.image\.openshift\.io "ruby:latest" deleted/m,
  },
  {
    line: 'oc tag -d ruby:latest',
    run: 'weir tag ruby:2.0 ruby:latest; weir tag -d ruby:latest',
    shows: /^Deleted tag demo-project\/ruby:latest\.$/m,
  },
  {
    line: 'oc export isimage <image_stream_name>@<id>',
    run: `ID=$(weir get istag ruby:2.0 -o 'jsonpath={.image.metadata.name}'); export ID
weir export isimage "ruby@$ID"`,
    shows: /^kind: ImageStreamImage$/m,
  },
  {
    line: 'oc describe is <image_stream_name>',
    run: 'weir describe is ruby',
    shows: new RegExp(`${digest}$`, 'm'),
  },
  {
    line: 'oc export isimage ruby@3a335d7',
    run: 'weir export isimage "ruby@$(echo "$ID" | cut -c8-14)"',
    shows: /^kind: ImageStreamImage$/m,
  },
  {
    line: 'oc set image-lookup mysql',
    run: `weir import-image mysql --from=docker.io/library/mysql --confirm >/dev/null
weir set image-lookup mysql`,
    shows: /^imagestream\.image\.openshift\.io\/mysql image lookup updated$/m,
  },
  { line: 'oc set image-lookup', run: 'weir set image-lookup', shows: /^mysql +true$/m },
  {
    line: 'oc set image-lookup deploy/mysql',
    run: 'weir create deployment mysql --image=mysql:latest; weir set image-lookup deploy/mysql',
    shows: /^deployment\.apps\/mysql image lookup updated$/m,
  },
  {
    line: 'oc set image-lookup deploy/mysql --enabled=false',
    run: 'weir set image-lookup deploy/mysql --enabled=false',
    shows: /^deployment\.apps\/mysql image lookup updated$/m,
  },
  {
    line: 'oc login',
    run: 'weir login -u admin -p "$(cat "$WEIR_DATA_DIR/admin-password")"',
    shows: /^Login successful\.$/m,
  },
  { line: 'oc whoami -t', run: 'weir whoami -t', shows: /^\S{20,}$/m },
  {
    line: 'docker login -u <user_name> -e <email_address> -p <token_value> <registry_server>:<port>',
    run: `REGISTRY=$(weir registry info); export REGISTRY
weir whoami -t | skopeo login --tls-verify=false -u admin --password-stdin "$REGISTRY"`,
    shows: /Login Succeeded/,
  },
  {
    line: 'oc policy add-role-to-user system:image-puller system:serviceaccount:project-a:default --namespace=project-b',
    run: `weir new-project project-a >/dev/null; weir new-project project-b >/dev/null; weir project demo-project >/dev/null
weir policy add-role-to-user system:image-puller system:serviceaccount:project-a:default --namespace=project-b`,
    shows: /added: "system:serviceaccount:project-a:default"$/m,
  },
  {
    line: 'oc policy add-role-to-group system:image-puller system:serviceaccounts:project-a --namespace=project-b',
    run: 'weir policy add-role-to-group system:image-puller system:serviceaccounts:project-a --namespace=project-b',
    shows: /added: "system:serviceaccounts:project-a"$/m,
  },
  {
    line: 'oc secrets new <pull_secret_name> .dockercfg=<path/to/.dockercfg>',
    run: `echo ${oldCredentials} > .dockercfg; weir secrets new old-file .dockercfg=.dockercfg`,
    shows: /^secret\/old-file created$/m,
  },
  {
    line: 'oc secrets new <pull_secret_name> .dockerconfigjson=<path/to/.docker/config.json>',
    run: `echo ${dockerCredentials} > config.json; weir secrets new new-file .dockerconfigjson=config.json`,
    shows: /^secret\/new-file created$/m,
  },
  {
    line: 'oc secrets new-dockercfg <pull_secret_name> --docker-server=<registry_server> --docker-username=<user_name> --docker-password=<password> --docker-email=<email>',
    run: 'weir secrets new-dockercfg words --docker-server="$PRIVATE" --docker-username=puller --docker-password=secret-word --docker-email=puller@example.com',
    shows: /^secret\/words created$/m,
  },
  {
    line: 'oc secrets link default <pull_secret_name> --for=pull',
    run: `weir secrets link default words --for=pull; weir get sa default -o 'jsonpath={.imagePullSecrets[*].name}'`,
    shows: /\bwords\b/,
  },
  {
    line: 'oc secrets link builder <pull_secret_name>',
    run: `weir secrets link builder words; weir get sa builder -o 'jsonpath={.secrets[*].name}'`,
    shows: /\bwords\b/,
  },
  {
    line: 'oc secret new-dockercfg --docker-server=sso.redhat.com --docker-username=developer@example.com --docker-password=******** --docker-email=unused redhat-connect-sso',
    run: 'weir secret new-dockercfg --docker-server=sso.redhat.com --docker-username=developer@example.com --docker-password=secret-word --docker-email=unused redhat-connect-sso',
    shows: /^secret\/redhat-connect-sso\b/m,
  },
  {
    line: 'oc secret new-dockercfg --docker-server=privateregistry.example.com --docker-username=developer@example.com --docker-password=******** --docker-email=unused private-registry',
    run: 'weir secret new-dockercfg --docker-server=privateregistry.example.com --docker-username=developer@example.com --docker-password=secret-word --docker-email=unused private-registry',
    shows: /^secret\/private-registry\b/m,
  },
  {
    line: 'docker login registry.connect.redhat.com --username developer@example.com',
    run: 'echo secret-word | skopeo login --tls-verify=false --authfile connect.json --username puller --password-stdin "$PRIVATE"',
    shows: /Login Succeeded/,
  },
  {
    line: 'oc secret new redhat-connect .dockerconfigjson=/root/.docker/config.json',
    run: 'weir secret new redhat-connect .dockerconfigjson=connect.json',
    shows: /^secret\/redhat-connect created$/m,
  },
  {
    line: 'oc secrets link default redhat-connect --for=pull',
    run: `weir secrets link default redhat-connect --for=pull; weir get sa default -o 'jsonpath={.imagePullSecrets[*].name}'`,
    shows: /\bredhat-connect\b/,
  },
  {
    line: 'oc import-image <image_stream>[:<tag>] --from=<docker_image_repo> --confirm',
    run: 'weir import-image private:v1 --from="$PRIVATE/team/app:v1" --confirm --insecure',
    shows: /^imagestream\.image\.openshift\.io\/private imported$/m,
  },
  {
    line: 'oc import-image my-ruby --from=docker.io/openshift/ruby-20-centos7 --confirm',
    run: 'weir import-image my-ruby --from=docker.io/openshift/ruby-20-centos7 --confirm',
    shows: /^imagestream\.image\.openshift\.io\/my-ruby imported$/m,
  },
  {
    line: '(the --all flag)',
    run: 'weir import-image every-ruby --from=docker.io/openshift/ruby-20-centos7 --confirm --all',
    shows: /^2\.0\n[\s\S]*^Image Name:\tevery-ruby:2\.0$/m,
  },
  {
    line: 'oc create -f <file>',
    run: `cat > stream.yaml <<'YAML'
apiVersion: "v1"
kind: "ImageStream"
metadata:
  name: "written-ruby"
spec:
  dockerImageRepository: "docker.io/openshift/ruby-20-centos7"
YAML
weir create -f stream.yaml
until weir get istag written-ruby:latest >/dev/null 2>&1; do sleep 0.2; done`,
    shows: /^imagestream\.image\.openshift\.io\/written-ruby created$/m,
  },
  {
    line: 'oc tag <source_project>/<image_stream>:<tag> <new_image_stream>:<new_tag>',
    run: 'weir tag demo-project/ruby:2.0 new-ruby:new -n project-b',
    shows: new RegExp(`^Tag new-ruby:new set to demo-project/ruby${digest}\\.$`, 'm'),
  },
  {
    line: 'oc policy add-role-to-group system:image-puller system:serviceaccounts:<destination_project> -n <source_project>',
    run: 'weir policy add-role-to-group system:image-puller system:serviceaccounts:project-b -n demo-project',
    shows: /added: "system:serviceaccounts:project-b"$/m,
  },
  {
    line: 'oc import-image <new_image_stream> --confirm --from=<docker_registry>/<source_project>/<image_stream>',
    run: `weir tag ruby:2.0 ruby:latest >/dev/null
weir import-image copied --confirm --from="$REGISTRY/demo-project/ruby" --insecure -n project-b`,
    shows: /^imagestream\.image\.openshift\.io\/copied imported$/m,
  },
  {
    line: 'docker tag docker.io/centos:centos7 172.30.48.125:5000/test/my-image; docker push 172.30.48.125:5000/test/my-image',
    run: `weir new-project test >/dev/null
skopeo copy --src-tls-verify=false --dest-tls-verify=false "docker://$HUB/library/centos:centos7" "docker://$REGISTRY/test/my-image"`,
    shows: /Writing manifest to image destination/,
  },
  { line: 'oc get is', run: 'weir get is', shows: /^my-image +\S+\/test\/my-image +latest +/m },
  {
    line: 'oc set triggers deploy/example --from-image=example:latest -c web',
    run: `weir project demo-project >/dev/null
weir tag ruby:2.0 example:latest >/dev/null
weir create deployment example --image=none --dry-run=client -o yaml | sed 's/name: none/name: web/' | weir create -f -
weir set triggers deploy/example --from-image=example:latest -c web
until weir get deploy example -o 'jsonpath={..image}' | grep "@$ID"; do sleep 0.2; done`,
    shows: new RegExp(`^deployment\\.apps/example triggers updated$[\\s\\S]*${digest}$`, 'm'),
  },
]
