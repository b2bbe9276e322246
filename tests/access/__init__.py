"""The roles: their policies, enforced for real, their trust policies, the alarm, and the component that makes them."""
