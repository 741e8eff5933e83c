"""The tutor: submissions judged by running them, and told what is wrong as a teacher would."""
