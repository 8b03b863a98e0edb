! SPDX-License-Identifier: BSD-3-Clause
! The same in Fortran: gfortran $(pkg-config --variable=fortran ansatz) step.f90 $(pkg-config --libs ansatz)
program step
    use, intrinsic :: iso_c_binding, only: c_bool, c_double
    use ansatz
    implicit none
    real(c_double) :: galaxies(3, 2), velocity(3)
    logical(c_bool) :: in_range(3)
    type(az_model) :: model
    type(az_scratch) :: scratch ! one a thread
    integer :: i

    galaxies(:, 1) = [10.7_c_double, 201.4_c_double, 186.7_c_double]
    galaxies(:, 2) = [0.275_c_double, 0.45_c_double, 3.0_c_double]
    call model%read('hubble.az')
    call model%bind([character(len=15) :: 'right_ascension', 'distance'])
    call scratch%prepare(model, size(galaxies, 1))
    call model%predict(galaxies, velocity, scratch, in_range)
    do i = 1, 3
        print '(f7.1, 2a)', velocity(i), ' km/s', trim(merge('              ', ', out of range', in_range(i)))
    end do
end program step
