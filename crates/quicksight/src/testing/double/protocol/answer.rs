//! Answers: JSON objects in the order in which they are said, and the service's exceptions.

use std::fmt;

/// A JSON object under construction. Documents go in as the text they came as.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object(Vec<(String, String)>);

impl Object {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds JSON text as it is.
    pub(crate) fn raw(mut self, name: &str, json: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), json.into()));
        self
    }

    pub(crate) fn maybe_raw(self, name: &str, json: Option<&str>) -> Self {
        match json {
            Some(json) => self.raw(name, json),
            None => self,
        }
    }

    pub(crate) fn text(self, name: &str, text: &str) -> Self {
        self.raw(name, quoted(text))
    }

    pub(crate) fn maybe_text(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    pub(crate) fn number(self, name: &str, number: impl fmt::Display) -> Self {
        self.raw(name, number.to_string())
    }

    pub(crate) fn flag(self, name: &str, flag: bool) -> Self {
        self.raw(name, flag.to_string())
    }

    pub(crate) fn object(self, name: &str, object: Self) -> Self {
        self.raw(name, object.to_string())
    }

    /// Adds an array of JSON texts.
    pub(crate) fn list<T: fmt::Display>(
        self,
        name: &str,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        self.raw(name, array(items))
    }

    /// Adds an array of strings.
    pub(crate) fn texts<T: AsRef<str>>(
        self,
        name: &str,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        self.list(name, items.into_iter().map(|item| quoted(item.as_ref())))
    }

    /// The same with a member that no model knows, and one in each object that only describes.
    pub(crate) fn with_unknown_members(mut self) -> Self {
        const DESCRIBING: [&str; 5] = ["Dashboard", "Analysis", "Theme", "Folder", "Ingestion"];
        let unknown = Self::new()
            .raw("Ratio", "1.50E-7")
            .texts("Kept", ["or", "not"]);
        for (name, json) in &mut self.0 {
            if DESCRIBING.contains(&name.as_str())
                && let Some(rest) = json.strip_prefix('{')
            {
                *json = format!("{{\"MemberOfTheFuture\":{unknown},{rest}");
            }
        }
        self.object("MemberOfTheFuture", unknown)
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (name, json)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}:{json}", quoted(name))?;
        }
        f.write_str("}")
    }
}

pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(crate) fn array<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    format!("[{}]", items.join(","))
}

/// A good answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Object,
    /// Whether `Status` is a member of the body, as it is for a handful of operations.
    pub(crate) shows_status: bool,
}

impl Reply {
    pub(crate) fn ok(body: Object) -> Self {
        Self::with_status(200, body)
    }

    pub(crate) fn with_status(status: u16, body: Object) -> Self {
        Self {
            status,
            body,
            shows_status: false,
        }
    }

    pub(crate) fn showing_status(mut self) -> Self {
        self.shows_status = true;
        self
    }
}

/// An exception of the service.
#[derive(Debug)]
pub(crate) struct ServiceError {
    /// The name without `Exception`.
    pub(crate) code: &'static str,
    pub(crate) status: u16,
    pub(crate) message: String,
    pub(crate) resource_type: Option<&'static str>,
}

impl ServiceError {
    fn new(code: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self {
            code,
            status,
            message: message.into(),
            resource_type: None,
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", 400, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new("Conflict", 409, message)
    }

    pub(crate) fn precondition(message: impl Into<String>) -> Self {
        Self::new("PreconditionNotMet", 400, message)
    }

    pub(crate) fn denied(message: impl Into<String>) -> Self {
        Self::new("AccessDenied", 401, message)
    }

    pub(crate) fn token() -> Self {
        Self::new(
            "InvalidNextToken",
            400,
            "the token is not one this listing gave",
        )
    }

    pub(crate) fn serialization(message: impl Into<String>) -> Self {
        Self::new("Serialization", 400, message)
    }

    pub(crate) fn unknown_operation(message: impl Into<String>) -> Self {
        Self::new("UnknownOperation", 404, message)
    }

    pub(crate) fn signature(message: impl Into<String>) -> Self {
        Self::new("InvalidSignature", 403, message)
    }

    pub(crate) fn throttled() -> Self {
        Self::new("Throttling", 429, "rate exceeded")
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalFailure", 500, message)
    }

    pub(crate) fn unavailable() -> Self {
        Self {
            resource_type: Some("SERVICE"),
            ..Self::new("ResourceUnavailable", 503, "the service is unavailable")
        }
    }

    pub(crate) fn not_found(resource_type: &'static str, id: &str) -> Self {
        Self {
            resource_type: Some(resource_type),
            ..Self::new(
                "ResourceNotFound",
                404,
                format!("{resource_type} {id} is not found"),
            )
        }
    }

    pub(crate) fn exists(resource_type: &'static str, id: &str) -> Self {
        Self {
            resource_type: Some(resource_type),
            ..Self::new(
                "ResourceExists",
                409,
                format!("{resource_type} {id} already exists"),
            )
        }
    }

    pub(crate) fn limit(resource_type: &'static str, message: impl Into<String>) -> Self {
        Self {
            resource_type: Some(resource_type),
            ..Self::new("LimitExceeded", 409, message)
        }
    }

    /// The body of the answer.
    pub(crate) fn body(&self, request_id: &str) -> Object {
        Object::new()
            .text("Message", &self.message)
            .maybe_text("ResourceType", self.resource_type)
            .text("RequestId", request_id)
    }
}
