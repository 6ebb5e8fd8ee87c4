//! The script that puts the profile on a running instance, against a double of the AWS
//! CLI that keeps one instance's state in a file and refuses what EC2 refuses.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::example;

/// The state is one line each: association id, profile, HttpTokens, hop limit.
const CLI: &str = r#"#!/bin/sh
set -eu
state=$(dirname "$0")/state
echo "$*" >>"$(dirname "$0")/calls"
[ "$1" = ec2 ] || exit 64
{ read -r id; read -r profile; read -r tokens; read -r hops; } <"$state"
save() { printf '%s\n' "$id" "$profile" "$tokens" "$hops" >"$state"; }
name() { echo "$*" | sed 's/.*Name=\([^ ]*\).*/\1/'; }
case $2 in
    describe-iam-instance-profile-associations)
        [ "$id" = - ] || printf '%s\tarn:aws:iam::123456789012:instance-profile/jobs/%s\n' "$id" "$profile"
        ;;
    describe-instances) printf '%s\t%s\n' "$tokens" "$hops" ;;
    associate-iam-instance-profile)
        [ "$id" = - ] || { echo "IncorrectState: There is an existing association" >&2; exit 254; }
        id=iip-assoc-1 profile=$(name "$@")
        save
        ;;
    replace-iam-instance-profile-association)
        case "$*" in *"--association-id $id "*) ;; *) echo InvalidAssociationID >&2; exit 254 ;; esac
        id=iip-assoc-2 profile=$(name "$@")
        save
        ;;
    disassociate-iam-instance-profile)
        case "$*" in *"--association-id $id") ;; *) echo InvalidAssociationID >&2; exit 254 ;; esac
        id=- profile=-
        save
        ;;
    modify-instance-metadata-options)
        [ -e "$(dirname "$0")/deaf" ] || { tokens=required hops=${*##*--http-put-response-hop-limit }; save; }
        ;;
    *) exit 64 ;;
esac
"#;

struct Bench {
    directory: tempfile::TempDir,
}

impl Bench {
    /// An instance with this association, or none, and IMDSv1.
    fn new(association: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;

        let bench = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        std::fs::write(bench.path("aws"), CLI).unwrap();
        std::fs::set_permissions(bench.path("aws"), std::fs::Permissions::from_mode(0o755))
            .unwrap();
        std::fs::write(bench.path("state"), format!("{association}\noptional\n1\n")).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn run(&self, verb: &str) -> Output {
        let path = format!("{}:/usr/bin:/bin", self.directory.path().display());
        Command::new("sh")
            .arg(example().join("modules/ec2_management/associate-profile.sh"))
            .arg(verb)
            .env_clear()
            .env("PATH", path)
            .env("INSTANCE_ID", "i-0123456789abcdef0")
            .env("PROFILE_NAME", "datatransit-jobs")
            .env("HOP_LIMIT", "2")
            .env("AWS_REGION", "ap-northeast-1")
            .output()
            .unwrap()
    }

    #[track_caller]
    fn succeed(&self, verb: &str) {
        let output = self.run(verb);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn state(&self) -> String {
        std::fs::read_to_string(self.path("state"))
            .unwrap()
            .replace('\n', " ")
    }

    /// The calls since the last look that changed something.
    fn changes(&self) -> Vec<String> {
        let calls = std::fs::read_to_string(self.path("calls")).unwrap();
        std::fs::write(self.path("calls"), "").unwrap();
        calls
            .lines()
            .map(|line| line.split(' ').nth(1).unwrap().to_owned())
            .filter(|call| !call.starts_with("describe"))
            .collect()
    }
}

#[test]
fn a_profile_is_associated_once() {
    let bench = Bench::new("-\n-");
    bench.succeed("associate");
    assert_eq!(bench.state(), "iip-assoc-1 datatransit-jobs required 2 ");
    assert_eq!(
        bench.changes(),
        [
            "associate-iam-instance-profile",
            "modify-instance-metadata-options"
        ]
    );
    bench.succeed("associate");
    assert_eq!(bench.changes(), [""; 0], "a second run changes nothing");
}

#[test]
fn another_profile_is_replaced_and_named() {
    let bench = Bench::new("iip-assoc-9\nold-profile");
    let output = bench.run("associate");
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("old-profile"));
    assert_eq!(bench.state(), "iip-assoc-2 datatransit-jobs required 2 ");
}

#[test]
fn an_instance_that_stays_as_it_was_is_a_failure() {
    let bench = Bench::new("-\n-");
    std::fs::write(bench.path("deaf"), "").unwrap();
    let output = bench.run("associate");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("optional 1"));
}

#[test]
fn a_refused_call_is_a_failure() {
    let bench = Bench::new("-\n-");
    std::fs::write(
        bench.path("aws"),
        "#!/bin/sh\necho UnauthorizedOperation >&2\nexit 254\n",
    )
    .unwrap();
    assert!(!bench.run("associate").status.success());
    assert!(!bench.run("disassociate").status.success());
}

#[test]
fn only_its_own_profile_is_taken_off() {
    let bench = Bench::new("iip-assoc-1\ndatatransit-jobs");
    bench.succeed("disassociate");
    assert_eq!(bench.state(), "- - optional 1 ");
    bench.succeed("disassociate");

    let bench = Bench::new("iip-assoc-9\nnew-profile");
    bench.succeed("disassociate");
    assert_eq!(
        bench.state(),
        "iip-assoc-9 new-profile optional 1 ",
        "it is another's by now"
    );
}
