//! Where two deploys of one environment meet.

use std::fmt::Debug;

use async_trait::async_trait;

/// Something that only one deploy can hold.
#[async_trait]
pub trait DeployLock: Send + Sync + Debug {
    /// Takes it, or fails at once when another deploy holds it.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] with who holds it; [`LockError::Unusable`] when that
    /// cannot be known.
    ///
    /// # Cancel safety
    ///
    /// A dropped future may have taken it: it is then held until it runs out or is
    /// released by hand.
    async fn acquire(&self) -> Result<Box<dyn HeldLock>, LockError>;
}

/// A lock that is held. Dropped without [`release`](HeldLock::release) it may stay
/// held until it runs out.
#[async_trait]
pub trait HeldLock: Send + Sync + Debug {
    /// Gives it back.
    ///
    /// # Errors
    ///
    /// [`LockError::Unusable`] when that could not be written.
    async fn release(self: Box<Self>) -> Result<(), LockError>;
}

/// Why a lock was not taken, or not given back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another deploy holds it.
    #[error("{holder}")]
    #[non_exhaustive]
    Held {
        /// Who, in words.
        holder: String,
    },
    /// It cannot be read or written.
    #[error("{reason}")]
    #[non_exhaustive]
    Unusable {
        /// Why, in words.
        reason: String,
    },
}

impl LockError {
    /// Says who holds it.
    pub fn held(holder: impl Into<String>) -> Self {
        Self::Held {
            holder: holder.into(),
        }
    }

    /// Says why it cannot be used.
    pub fn unusable(reason: impl Into<String>) -> Self {
        Self::Unusable {
            reason: reason.into(),
        }
    }
}

/// No lock: for callers that make sure themselves that deploys do not cross.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoLock;

#[async_trait]
impl DeployLock for NoLock {
    async fn acquire(&self) -> Result<Box<dyn HeldLock>, LockError> {
        Ok(Box::new(Self))
    }
}

#[async_trait]
impl HeldLock for NoLock {
    async fn release(self: Box<Self>) -> Result<(), LockError> {
        Ok(())
    }
}
