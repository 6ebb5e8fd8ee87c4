//! The emulator itself: what the service refuses, it refuses.

use std::time::Duration;

use e2e::lambda_runtime::{Function, FunctionOptions, MAX_PAYLOAD_BYTES, Outcome};
use serde_json::json;

/// A bootstrap in the shell, which speaks the Runtime API by curl.
fn scripted(script: &str) -> Function {
    let mut options = FunctionOptions::new("/bin/sh");
    let common = r#"
        api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
        next() {
            id=$(curl -s -D - -o /dev/null "$api/invocation/next" |
                tr -d '\r' | sed -n 's/^lambda-runtime-aws-request-id: //p')
        }
        send() { path=$1; shift; curl -s -o /dev/null -w '%{http_code}\n' -X POST "$api/$path" "$@"; }
    "#;
    options
        .command
        .extend(["-c".into(), format!("{common}\n{script}").into()]);
    options.timeout = Duration::from_secs(20);
    Function::new(options)
}

fn has_curl() -> bool {
    let found = std::process::Command::new("curl")
        .arg("--version")
        .output()
        .is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "curl is needed");
    found
}

#[test]
fn a_second_answer_a_foreign_one_and_a_wrong_path_are_refused() {
    if !has_curl() {
        eprintln!("skipped: curl is not on this machine");
        return;
    }
    let mut function = scripted(
        r#"
        next
        send "invocation/other/response" -d '{}'
        send "invocation/$id/responses" -d '{}'
        send "invocation/$id/error" -d '{"errorMessage":"m","errorType":"T"}'
        send "invocation/$id/response" -d '{"good":true}'
        send "invocation/$id/response" -d '{"good":false}'
        next
        "#,
    );
    let invocation = function.invoke(&json!({})).unwrap();
    assert_eq!(invocation.outcome, Outcome::Response(json!({"good": true})));
    let codes: Vec<String> = function.logs().lines().map(str::to_owned).collect();
    assert_eq!(codes, ["400", "404", "400", "202", "403"]);
    assert_eq!(function.violations().len(), 4);
}

#[test]
fn an_answer_that_is_too_large_is_the_invocations_error() {
    if !has_curl() {
        eprintln!("skipped: curl is not on this machine");
        return;
    }
    let script = format!(
        r#"
        next
        {{ printf '"'; head -c {MAX_PAYLOAD_BYTES} /dev/zero | tr '\0' x; printf '"'; }} >"${{file:=$(mktemp)}}"
        send "invocation/$id/response" --data-binary "@$file"
        rm "$file"
        next
        "#
    );
    let mut function = scripted(&script);
    let invocation = function.invoke(&json!({})).unwrap();
    assert_eq!(invocation.error().0, "Function.ResponseSizeTooLarge");
    assert_eq!(function.logs().trim(), "413");
}

#[test]
fn errors_of_the_start_exits_and_time_limits_are_outcomes_and_the_next_start_is_cold() {
    if !has_curl() {
        eprintln!("skipped: curl is not on this machine");
        return;
    }
    let mut function = scripted(
        r#"send init/error -d '{"errorMessage":"no database","errorType":"InitError"}'; exit 1"#,
    );
    let invocation = function.invoke(&json!({})).unwrap();
    assert_eq!(invocation.error(), ("InitError", "no database"));

    let mut function = scripted("next; exit 3");
    for _ in 0..2 {
        let invocation = function.invoke(&json!({})).unwrap();
        assert!(invocation.cold);
        assert!(matches!(invocation.outcome, Outcome::Exited(status) if status.code() == Some(3)));
    }

    let mut function = scripted("next; exec sleep 60");
    let limit = Duration::from_millis(300);
    let invocation = function.invoke_within(&json!({}), limit).unwrap();
    assert_eq!(invocation.outcome, Outcome::TimedOut);
    assert!(function.invoke_within(&json!({}), limit).unwrap().cold);
}
