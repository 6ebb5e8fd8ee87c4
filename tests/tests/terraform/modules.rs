//! `fmt`, `validate` and `test` of every module and root by the real Terraform.

use std::collections::BTreeSet;
use std::path::Path;

use e2e::terraform::{Terraform, known_types};

use crate::{configuration, directories, example};

/// A Terraform, or a word on standard error. Not red in CI: no package registry has
/// the program, so that CI cannot bring it as it brings the servers.
#[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
fn terraform() -> Option<Terraform> {
    match Terraform::find().unwrap() {
        Ok(terraform) => Some(terraform),
        Err(reason) => {
            eprintln!("SKIPPED: the modules' own tests, because {reason}");
            None
        }
    }
}

/// A copy to work in: `init` leaves files behind.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        // What a developer's own runs left behind.
        if name.to_string_lossy().starts_with(".terraform") {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

#[test]
fn all_files_are_formatted() {
    let Some(terraform) = terraform() else { return };
    terraform
        .succeed(&example(), &["fmt", "-check", "-diff", "-recursive"])
        .unwrap();
}

#[test]
fn every_module_and_root_is_valid_and_passes_its_tests() {
    let Some(terraform) = terraform() else { return };
    let scratch = tempfile::tempdir().unwrap();
    copy(&example(), scratch.path());
    // Two at a time: a Terraform is busy with one core.
    let queue = std::sync::Mutex::new(directories());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(next) = queue.lock().unwrap().pop() else {
                        break;
                    };
                    let directory = scratch.path().join(&next);
                    terraform
                        .succeed(&directory, &["init", "-backend=false"])
                        .unwrap();
                    terraform.succeed(&directory, &["validate"]).unwrap();
                    let said = terraform.succeed(&directory, &["test"]).unwrap();
                    let passed = said.matches("... pass").count();
                    assert!(passed >= 3, "{}: {said}", next.display());
                }
            });
        }
    });
}

/// So that `validate` above says something.
#[test]
fn an_argument_that_the_provider_does_not_have_is_found() {
    let Some(terraform) = terraform() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let text = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n\
                resource \"aws_sns_topic\" \"this\" {\n  nmae = \"alerts\"\n}\n";
    std::fs::write(scratch.path().join("main.tf"), text).unwrap();
    terraform.succeed(scratch.path(), &["init"]).unwrap();
    let complaint = terraform
        .succeed(scratch.path(), &["validate"])
        .unwrap_err()
        .to_string();
    assert!(
        complaint.contains("\"nmae\" is not expected"),
        "{complaint}"
    );
}

#[test]
fn the_providers_double_knows_what_is_used_and_nothing_else() {
    let mut used = (BTreeSet::new(), BTreeSet::new());
    for directory in directories() {
        for line in configuration(&directory).lines() {
            let mut words = line.trim_start().splitn(3, ' ');
            let (keyword, name) = (words.next(), words.next().unwrap_or_default());
            let name = name.trim_matches('"').to_owned();
            match keyword {
                Some("resource") if name.starts_with("aws_") => used.0.insert(name),
                Some("data") if name.starts_with("aws_") => used.1.insert(name),
                _ => false,
            };
        }
    }
    let (resources, data_sources) = known_types();
    assert_eq!(resources.into_iter().collect::<BTreeSet<_>>(), used.0);
    assert_eq!(data_sources.into_iter().collect::<BTreeSet<_>>(), used.1);
}

#[test]
fn versions_are_pinned_everywhere() {
    for directory in directories() {
        let text = configuration(&directory);
        assert!(
            text.contains("required_version = \">= 1.11, < 2.0\""),
            "{directory:?}"
        );
        assert!(
            text.contains("version = \"~> 6.66\"") || directory.ends_with("policies"),
            "{directory:?}"
        );
    }
}

/// What stood in the modules that these replace, and must not come back.
#[test]
fn no_shell_hides_a_failure_and_no_secret_is_in_an_argument() {
    for directory in directories() {
        let text = configuration(&directory);
        for word in [
            "|| true",
            "null_resource",
            "secret_string ",
            "credential_pair",
            "s3:HeadObject",
        ] {
            assert!(!text.contains(word), "{directory:?} has {word:?}");
        }
    }
}

/// Ids of examples are made of the digits that documentation uses.
#[test]
fn nothing_of_a_real_account_is_in_the_files() {
    fn walk(directory: &Path) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            for word in words {
                let account = word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit());
                // A key's id in zeros ends in twelve of them.
                assert!(
                    !account || word == "123456789012" || word == "000000000000",
                    "{}: {word}",
                    path.display()
                );
                for prefix in ["i-0", "vpc-0", "subnet-0", "sg-0"] {
                    assert!(
                        !word.starts_with(prefix) || word.contains("0123456789abcdef"),
                        "{}: {word}",
                        path.display()
                    );
                }
            }
        }
    }
    walk(&example());
}
